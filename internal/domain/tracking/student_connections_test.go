package tracking_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

// oldAccount is an account of Ada that is not connected.
var oldAccount = domain.TrackedAccount{ID: domain.TrackedAccountID{8}, Server: "waka.example", Username: "ada-old", Days: 3, Seconds: 9000}

// The operations of StudentConnections on Ada. Each returns only an error.
var studentOperations = map[string]func(*testing.T, deps, domain.Actor) error{
	"DisconnectStudent": func(t *testing.T, d deps, actor domain.Actor) error {
		t.Helper()
		_, err := d.students.DisconnectStudent(t.Context(), actor, ada)
		return err
	},
	"StudentAccounts": func(t *testing.T, d deps, actor domain.Actor) error {
		t.Helper()
		_, err := d.students.StudentAccounts(t.Context(), actor, ada)
		return err
	},
	"AcceptAccount": func(t *testing.T, d deps, actor domain.Actor) error {
		t.Helper()
		_, err := d.students.AcceptAccount(t.Context(), actor, ada, oldAccount.ID)
		return err
	},
	"RejectAccount": func(t *testing.T, d deps, actor domain.Actor) error {
		t.Helper()
		_, err := d.students.RejectAccount(t.Context(), actor, ada, oldAccount.ID)
		return err
	},
}

func TestStudentConnections_Permissions(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		actor domain.Actor
		err   error            // of finding the student
		want  map[string]error // by operation; "" is the default
	}{
		"an instructor of the batch may":              {actor: asTeacher},
		"an admin may":                                {actor: asAdmin},
		"the student is forbidden":                    {actor: asAda, want: map[string]error{"": domain.ErrForbidden}},
		"an instructor of another batch finds nobody": {actor: asOther, want: map[string]error{"": domain.ErrStudentNotFound}},
		"another student finds nobody":                {actor: asStudent, want: map[string]error{"": domain.ErrStudentNotFound}},
		"a caller who is not signed in finds nobody":  {actor: asAnyone, want: map[string]error{"": domain.ErrStudentNotFound}},
		"the system finds nobody":                     {actor: domain.System, want: map[string]error{"": domain.ErrStudentNotFound}},
		"an unknown student is not found":             {actor: asAdmin, err: domain.ErrUserNotFound, want: map[string]error{"": domain.ErrStudentNotFound}},
		"an error is returned":                        {actor: asAdmin, err: errDatabase, want: map[string]error{"": errDatabase}},
	}
	for name, tt := range tests {
		for operation, call := range studentOperations {
			t.Run(name+"/"+operation, func(t *testing.T) {
				t.Parallel()

				want, ok := tt.want[operation]
				if !ok {
					want = tt.want[""]
				}
				d := newService(t)
				d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).MaxTimes(1).Return(enrolled(), tt.err)
				d.accounts.EXPECT().ListAccounts(gomock.Any(), ada).MaxTimes(1).Return(adaAsSubject(), []domain.TrackedAccount{oldAccount}, tt.err)
				if want == nil { // the stores may be used
					d.connections.EXPECT().LockConnection(inside(), ada).AnyTimes().Return(byKey(), nil)
					d.connections.EXPECT().RemoveConnection(inside(), ada).AnyTimes().Return(nil)
					d.accounts.EXPECT().AcceptAccount(inside(), ada, oldAccount.ID, now).AnyTimes().Return(true, nil)
					d.accounts.EXPECT().RejectAccount(inside(), ada, oldAccount.ID, now).AnyTimes().Return(true, nil)
				}

				if err := call(t, d, tt.actor); !errors.Is(err, want) {
					t.Errorf("got error %v, want %v", err, want)
				}
			})
		}
	}
}

func TestDisconnectStudent_RevokesTheTokens(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil)
	gomock.InOrder(
		d.connections.EXPECT().LockConnection(inside(), ada).Return(byOAuth(), nil).Call,
		d.connections.EXPECT().RemoveConnection(inside(), ada).Return(nil).Call,
		d.wakatime.EXPECT().Revoke(outside(), domain.Secret("refresh-1")).Return(nil).Call,
	)

	got, err := d.students.DisconnectStudent(t.Context(), asTeacher, ada)

	if got != domain.RevocationDone || err != nil {
		t.Errorf("DisconnectStudent = %q, %v", got, err)
	}
	want := []domain.Change{{Action: domain.ActWakaTimeDisconnect, Subject: ada.String(), Details: map[string]any{
		"kind": domain.ConnectedByOAuth, "server": "", "account": "ada",
	}}}
	if diff := cmp.Diff(want, d.uow.Changes); diff != "" {
		t.Error(diff)
	}
}

func TestDisconnectStudent_WithoutAConnection(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil)
	d.connections.EXPECT().LockConnection(inside(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
	if _, err := d.students.DisconnectStudent(t.Context(), asTeacher, ada); !errors.Is(err, domain.ErrConnectionNotFound) || len(d.uow.Changes) > 0 {
		t.Errorf("DisconnectStudent: got error %v, recorded %v", err, d.uow.Changes)
	}
}

func TestAcceptAndRejectAccount(t *testing.T) {
	t.Parallel()

	accepted := oldAccount
	accepted.AcceptedAt = new(now)
	tests := map[string]struct {
		locked  error
		changed bool
		err     error // of the store
		listed  []domain.TrackedAccount
		listErr error
		want    error
	}{
		"a change is recorded":                     {changed: true, listed: []domain.TrackedAccount{{ID: domain.TrackedAccountID{7}, Current: true}, accepted}},
		"no change is not recorded":                {listed: []domain.TrackedAccount{accepted}},
		"a student without a connection":           {locked: domain.ErrConnectionNotFound, changed: true, listed: []domain.TrackedAccount{accepted}},
		"a connection that cannot be decrypted":    {locked: domain.ErrTokenUnreadable, changed: true, listed: []domain.TrackedAccount{accepted}},
		"another student's account is not found":   {err: domain.ErrWakaTimeAccountNotFound, want: domain.ErrWakaTimeAccountNotFound},
		"an account that is not listed":            {changed: true, want: domain.ErrWakaTimeAccountNotFound},
		"an error of locking is returned":          {locked: errDatabase, want: errDatabase},
		"an error of listing accounts is returned": {changed: true, listErr: errDatabase, want: errDatabase},
	}
	for name, tt := range tests {
		for _, action := range []domain.Action{domain.ActWakaTimeAccept, domain.ActWakaTimeReject} {
			t.Run(name+"/"+string(action), func(t *testing.T) {
				t.Parallel()

				d := newService(t)
				d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil)
				d.connections.EXPECT().LockConnection(inside(), ada).Return(byKey(), tt.locked)
				call := d.students.AcceptAccount
				if action == domain.ActWakaTimeAccept {
					d.accounts.EXPECT().AcceptAccount(inside(), ada, oldAccount.ID, now).MaxTimes(1).Return(tt.changed, tt.err)
				} else {
					d.accounts.EXPECT().RejectAccount(inside(), ada, oldAccount.ID, now).MaxTimes(1).Return(tt.changed, tt.err)
					call = d.students.RejectAccount
				}
				d.accounts.EXPECT().ListAccounts(inside(), ada).MaxTimes(1).Return(adaAsSubject(), tt.listed, tt.listErr)

				got, err := call(t.Context(), asTeacher, ada, oldAccount.ID)

				if !errors.Is(err, tt.want) {
					t.Fatalf("got error %v, want %v", err, tt.want)
				}
				var want []domain.Change
				if err == nil {
					if diff := cmp.Diff(accepted, got); diff != "" {
						t.Error(diff)
					}
				}
				if err == nil && tt.changed {
					want = []domain.Change{{Action: action, Subject: ada.String(), Details: map[string]any{"server": "waka.example", "account": "ada-old"}}}
				}
				if diff := cmp.Diff(want, d.uow.Changes); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestStudentAccounts_ListsTheAccounts(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.accounts.EXPECT().ListAccounts(outside(), ada).Return(adaAsSubject(), []domain.TrackedAccount{oldAccount}, nil)
	got, err := d.students.StudentAccounts(t.Context(), asTeacher, ada)
	if diff := cmp.Diff([]domain.TrackedAccount{oldAccount}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// adaAsSubject returns what the policy needs to know of Ada.
func adaAsSubject() domain.Subject { return domain.Subject{User: ada, Batch: enrolled().Batch} }
