package accounts_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestRegister(t *testing.T) {
	t.Parallel()

	var (
		batch          = domain.BatchID{7}
		key            = domain.RegistrationKey{Batch: batch, Key: "ABCDEF", Enabled: true, Seats: new(10), Taken: 9}
		full, disabled = key, key
		student        = ada
		session        = domain.Session{ID: domain.SessionID{2}, User: ada.ID, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(lifetime.Absolute), UserAgent: "Firefox", Address: origin.Address, AuthenticatedAt: noon, TokenExpiresAt: noon.Add(lifetime.Access)}
		enrolment      = domain.Enrolment{ID: domain.EnrolmentID{3}, User: ada.ID, Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: noon}
		signUp         = ports.Registration{Email: " Ada@Example.com", Name: "Ada", Password: password, Device: ports.Device{UserAgent: "Firefox"}}
		withKey        = signUp
		fault          = errors.New("disk full")
	)
	full.Taken = 10
	disabled.Enabled = false
	student.Role = domain.RoleStudent
	withKey.Key = new("abc-def")

	hashes := func(h harness) { h.hasher.EXPECT().Hash(outside(), password).Return("hash", nil) }
	locks := func(k domain.RegistrationKey, err error) func(harness) *gomock.Call {
		return func(h harness) *gomock.Call {
			return h.keys.EXPECT().LockRegistrationKeyByText(inside(), domain.Secret("ABCDEF")).Return(k, err).Call
		}
	}
	tests := map[string]struct {
		registration ports.Registration
		given        func(harness)
		me           domain.Me
		want         error
		audit        []domain.Change
	}{
		"without a key the user becomes a member": {
			registration: signUp,
			given: func(h harness) {
				hashes(h)
				gomock.InOrder(
					h.users.EXPECT().AddUser(inside(), ada, "hash").Return(nil).Call,
					h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil).Call,
					h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(nil).Call,
					h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil).Call,
				)
			},
			me:    domain.Me{User: ada},
			audit: []domain.Change{{Action: domain.ActAccountRegister, Subject: ada.ID.String(), Details: map[string]any{"role": domain.RoleMember}}},
		},
		"with a key the user becomes a student, and the key is locked first": {
			registration: withKey,
			given: func(h harness) {
				hashes(h)
				gomock.InOrder(
					locks(key, nil)(h),
					h.users.EXPECT().AddUser(inside(), student, "hash").Return(nil).Call,
					h.enrolments.EXPECT().AddEnrolment(inside(), enrolment).Return(nil).Call,
					h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil).Call,
					h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(nil).Call,
					h.users.EXPECT().Me(inside(), ada.ID, student.Role).Return(domain.Me{User: student, Batch: &domain.BatchSummary{ID: batch}}, nil).Call,
				)
			},
			me: domain.Me{User: student, Batch: &domain.BatchSummary{ID: batch}},
			audit: []domain.Change{{
				Action: domain.ActAccountRegister, Subject: ada.ID.String(),
				Details: map[string]any{"role": domain.RoleStudent, "batch_id": batch.String()},
			}},
		},
		"an unknown key is rejected": {
			registration: withKey,
			given:        func(h harness) { hashes(h); locks(domain.RegistrationKey{}, domain.ErrRegistrationKeyInvalid)(h) },
			want:         domain.ErrRegistrationKeyInvalid,
		},
		"a disabled key is rejected": {
			registration: withKey,
			given:        func(h harness) { hashes(h); locks(disabled, nil)(h) },
			want:         domain.ErrRegistrationKeyInvalid,
		},
		"a full batch is rejected": {
			registration: withKey,
			given:        func(h harness) { hashes(h); locks(full, nil)(h) },
			want:         domain.ErrBatchFull,
		},
		"a taken address is rejected": {
			registration: signUp,
			given: func(h harness) {
				hashes(h)
				h.users.EXPECT().AddUser(inside(), ada, "hash").Return(domain.ErrEmailTaken)
			},
			want: domain.ErrEmailTaken,
		},
		"a busy hasher is reported": {
			registration: signUp,
			given:        func(h harness) { h.hasher.EXPECT().Hash(outside(), password).Return("", domain.ErrBusy) },
			want:         domain.ErrBusy,
		},
		"the password of an invalid registration is not hashed": {
			registration: ports.Registration{Email: "ada", Password: "short"},
			given:        func(harness) {},
			want:         domain.ErrInvalid,
		},
		"an error of the enrolment is returned": {
			registration: withKey,
			given: func(h harness) {
				hashes(h)
				locks(key, nil)(h)
				h.users.EXPECT().AddUser(inside(), student, "hash").Return(nil)
				h.enrolments.EXPECT().AddEnrolment(inside(), enrolment).Return(fault)
			},
			want: fault,
		},
		"an error of the session is returned": {
			registration: signUp,
			given: func(h harness) {
				hashes(h)
				h.users.EXPECT().AddUser(inside(), ada, "hash").Return(nil)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, fault)
			},
			want: fault,
		},
		"an error of reading the account is returned": {
			registration: signUp,
			given: func(h harness) {
				hashes(h)
				h.users.EXPECT().AddUser(inside(), ada, "hash").Return(nil)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil)
				h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(nil)
				h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{}, fault)
			},
			want: fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.Register(t.Context(), anyone, tt.registration)

			if !errors.Is(err, tt.want) {
				t.Fatalf("Register: error %v, want %v", err, tt.want)
			}
			want := domain.SignedIn{}
			if tt.want == nil {
				want = domain.SignedIn{Session: session, Token: token, RefreshToken: firstRefreshToken, Device: devices{}.NewDeviceToken(ada.ID), Me: tt.me}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Register (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegister_ReportsAllInvalidFields(t *testing.T) {
	t.Parallel()

	_, err := newHarness(t).Register(t.Context(), anyone, ports.Registration{Email: "ada", Name: "", TimeZone: new("Mars"), Password: "short"})

	var fields []string
	if e, ok := errors.AsType[*domain.Error](err); ok {
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
	}
	if diff := cmp.Diff([]string{"email", "name", "time_zone", "password"}, fields); diff != "" {
		t.Errorf("Register: invalid fields of %v (-want +got):\n%s", err, diff)
	}
}

func TestCreateUser(t *testing.T) {
	t.Parallel()

	registration := ports.Registration{Email: "ada@example.com", Name: "Ada", Password: password}
	boss := ada
	boss.Role = domain.RoleAdmin
	hashes := func(h harness) { h.hasher.EXPECT().Hash(outside(), password).Return("hash", nil) }

	tests := map[string]struct {
		actor domain.Actor
		role  domain.Role
		given func(harness)
		want  error
		audit []domain.Change
	}{
		"the operator creates an admin": {
			actor: domain.System, role: domain.RoleAdmin,
			given: func(h harness) {
				hashes(h)
				h.users.EXPECT().AddUser(inside(), boss, "hash").Return(nil)
			},
			audit: []domain.Change{{Action: domain.ActUserCreate, Subject: ada.ID.String(), Details: map[string]any{"role": domain.RoleAdmin}}},
		},
		"an admin cannot create users":                      {actor: admin, role: domain.RoleAdmin, given: func(harness) {}, want: domain.ErrForbidden},
		"a caller who is not signed in cannot create users": {actor: anyone, role: domain.RoleMember, given: func(harness) {}, want: domain.ErrForbidden},
		"the role student is rejected":                      {actor: domain.System, role: domain.RoleStudent, given: hashes, want: domain.ErrStudentRoleRequiresEnrolment},
		"a taken address is rejected": {
			actor: domain.System, role: domain.RoleAdmin,
			given: func(h harness) {
				hashes(h)
				h.users.EXPECT().AddUser(inside(), boss, "hash").Return(domain.ErrEmailTaken)
			},
			want: domain.ErrEmailTaken,
		},
		"a busy hasher is reported": {
			actor: domain.System, role: domain.RoleAdmin,
			given: func(h harness) { h.hasher.EXPECT().Hash(outside(), password).Return("", domain.ErrBusy) },
			want:  domain.ErrBusy,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.CreateUser(t.Context(), tt.actor, registration, tt.role)

			want := domain.User{}
			if tt.want == nil {
				want = boss
			}
			if !errors.Is(err, tt.want) || got != want {
				t.Errorf("CreateUser = %+v, %v; want %+v, %v", got, err, want, tt.want)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}
