package students_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/students"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

var (
	noon  = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	batch = domain.BatchID{7}
	ada   = domain.User{ID: domain.UserID{1}, Name: "Ada", Role: domain.RoleMember}
	asAda = domain.Actor{UserID: ada.ID, Role: domain.RoleMember}
	model = domain.Student{ID: ada.ID, Name: "Ada", Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: noon}
)

// house is a Service with everything around it.
type house struct {
	*students.Service
	uow        *fake.UnitOfWork
	students   *mock.MockStudentStore
	enrolments *mock.MockEnrolmentStore
	users      *mock.MockUserStore
	keys       *mock.MockRegistrationKeyStore
	jobs       *mock.MockSyncJobs
}

func newHouse(t *testing.T) house {
	t.Helper()
	ctrl := gomock.NewController(t)
	h := house{
		uow: &fake.UnitOfWork{}, students: mock.NewMockStudentStore(ctrl), enrolments: mock.NewMockEnrolmentStore(ctrl),
		users: mock.NewMockUserStore(ctrl), keys: mock.NewMockRegistrationKeyStore(ctrl), jobs: mock.NewMockSyncJobs(ctrl),
	}
	h.Service = students.New(
		h.uow, h.students, h.enrolments, h.users, h.keys, h.jobs,
		func() time.Time { return noon },
		func() [16]byte { return [16]byte{42} })
	return h
}

// inside matches the context of a unit of work.
func inside() gomock.Matcher {
	return gomock.Cond(fake.Inside)
}

func TestJoin(t *testing.T) {
	t.Parallel()

	var (
		key       = domain.RegistrationKey{Batch: batch, Key: "ABCDEF", Enabled: true, Seats: new(10), Taken: 9}
		full, off = key, key
		student   = ada
		enrolment = domain.Enrolment{ID: domain.EnrolmentID{42}, User: ada.ID, Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: noon}
		fault     = errors.New("disk full")
	)
	full.Taken = 10
	off.Enabled = false
	student.Role = domain.RoleStudent

	locks := func(h house, u domain.User) *gomock.Call {
		return h.users.EXPECT().LockUser(inside(), ada.ID).Return(u, nil).Call
	}
	finds := func(h house, k domain.RegistrationKey, err error) *gomock.Call {
		return h.keys.EXPECT().LockRegistrationKeyByText(inside(), domain.Secret("ABCDEF")).Return(k, err).Call
	}
	saves := func(h house, err error) *gomock.Call {
		return h.users.EXPECT().SaveUser(inside(), student).Return(err).Call
	}
	adds := func(h house, err error) *gomock.Call {
		return h.enrolments.EXPECT().AddEnrolment(inside(), enrolment).Return(err).Call
	}
	syncs := func(h house, err error) *gomock.Call {
		return h.jobs.EXPECT().EnqueueSync(inside(), ada.ID, domain.SyncOnDemand, time.Time{}).Return(err).Call
	}
	reads := func(h house, err error) *gomock.Call {
		return h.students.EXPECT().Student(inside(), ada.ID).Return(model, err).Call
	}
	as := func(role domain.Role) domain.Actor { return domain.Actor{UserID: ada.ID, Role: role, Batch: batch} }
	staffWords := "Instructors and admins cannot join a batch. Ask an admin to make this account a member first."

	tests := map[string]struct {
		actor  domain.Actor
		given  func(house)
		want   error
		detail string
		audit  []domain.Change
	}{
		"a member becomes a student: the user is locked, then the key": {
			actor: asAda,
			given: func(h house) {
				gomock.InOrder(locks(h, ada), finds(h, key, nil), saves(h, nil), adds(h, nil), syncs(h, nil), reads(h, nil))
			},
			audit: []domain.Change{{Action: domain.ActStudentEnrol, Subject: ada.ID.String(), Details: map[string]any{"batch_id": batch.String()}}},
		},
		"a student is in a batch already":           {actor: as(domain.RoleStudent), want: domain.ErrAlreadyEnrolled},
		"an instructor is told what to do":          {actor: as(domain.RoleInstructor), want: domain.ErrForbidden, detail: staffWords},
		"an admin is told what to do":               {actor: as(domain.RoleAdmin), want: domain.ErrForbidden, detail: staffWords},
		"who is not signed in may not":              {actor: domain.Actor{Role: domain.RoleAnyone}, want: domain.ErrForbidden},
		"a member without an account may not":       {actor: domain.Actor{Role: domain.RoleMember}, want: domain.ErrForbidden},
		"who joined elsewhere meanwhile is told so": {actor: asAda, given: func(h house) { locks(h, student); finds(h, key, nil) }, want: domain.ErrAlreadyEnrolled},
		"an unknown key is not valid":               {actor: asAda, given: func(h house) { locks(h, ada); finds(h, domain.RegistrationKey{}, domain.ErrRegistrationKeyInvalid) }, want: domain.ErrRegistrationKeyInvalid},
		"a key that is switched off is not valid":   {actor: asAda, given: func(h house) { locks(h, ada); finds(h, off, nil) }, want: domain.ErrRegistrationKeyInvalid},
		"a full batch takes nobody":                 {actor: asAda, given: func(h house) { locks(h, ada); finds(h, full, nil) }, want: domain.ErrBatchFull},
		"a second enrolment is a conflict": {
			actor: asAda,
			given: func(h house) { locks(h, ada); finds(h, key, nil); saves(h, nil); adds(h, domain.ErrAlreadyEnrolled) },
			want:  domain.ErrAlreadyEnrolled,
		},
		"a fault at the user is passed on": {
			actor: asAda,
			given: func(h house) { h.users.EXPECT().LockUser(inside(), ada.ID).Return(domain.User{}, fault) },
			want:  fault,
		},
		"a fault at storing is passed on": {
			actor: asAda,
			given: func(h house) { locks(h, ada); finds(h, key, nil); saves(h, fault) },
			want:  fault,
		},
		"a fault at asking for a sync is passed on": {
			actor: asAda,
			given: func(h house) { locks(h, ada); finds(h, key, nil); saves(h, nil); adds(h, nil); syncs(h, fault) },
			want:  fault,
		},
		"a fault at reading is passed on": {
			actor: asAda,
			given: func(h house) {
				locks(h, ada)
				finds(h, key, nil)
				saves(h, nil)
				adds(h, nil)
				syncs(h, nil)
				reads(h, fault)
			},
			want: fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			if tt.given != nil {
				tt.given(h)
			}
			got, err := h.Join(t.Context(), tt.actor, "abc-def ")

			want := domain.Student{}
			if tt.want == nil {
				want = model
			}
			if got != want || !errors.Is(err, tt.want) {
				t.Errorf("Join = %+v, %v; want %+v, %v", got, err, want, tt.want)
			}
			if e, ok := errors.AsType[*domain.Error](err); tt.detail != "" && (!ok || e.Detail != tt.detail) {
				t.Errorf("Join says %v, want %q", err, tt.detail)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStudents(t *testing.T) {
	t.Parallel()

	filter, request := domain.StudentFilter{Batch: domain.BatchID{8}, Search: "ad"}, domain.PageRequest{Limit: 10}
	page := domain.Page[domain.Student]{Items: []domain.Student{model}, Next: "x"}
	tests := map[string]struct {
		actor domain.Actor
		sight domain.Visibility
		want  error
	}{
		"an admin sees all":                          {domain.Actor{Role: domain.RoleAdmin}, domain.Visibility{All: true}, nil},
		"an instructor sees no more than they teach": {domain.Actor{Role: domain.RoleInstructor, Teaches: []domain.BatchID{batch}}, domain.Visibility{Batches: []domain.BatchID{batch}}, nil},
		"an instructor without batches asks in vain": {domain.Actor{Role: domain.RoleInstructor}, domain.Visibility{}, nil},
		"a student does not list their class":        {domain.Actor{Role: domain.RoleStudent, UserID: ada.ID, Batch: batch}, domain.Visibility{}, domain.ErrForbidden},
		"a member lists nobody":                      {asAda, domain.Visibility{}, domain.ErrForbidden},
		"who is not signed in lists nobody":          {domain.Actor{Role: domain.RoleAnyone}, domain.Visibility{}, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h, want := newHouse(t), domain.Page[domain.Student]{}
			if tt.want == nil {
				want = page
				h.students.EXPECT().ListStudents(gomock.Any(), tt.sight, filter, request).Return(page, nil)
			}
			got, err := h.Students(t.Context(), tt.actor, filter, request)
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("Students: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
		})
	}
}

func TestStudent(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		actor domain.Actor
		found error
		want  error
	}{
		"an admin reads everybody":                      {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleAdmin}},
		"an instructor reads who they teach":            {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{batch}}},
		"a student reads themselves":                    {actor: domain.Actor{UserID: ada.ID, Role: domain.RoleStudent, Batch: batch}},
		"a classmate learns nothing":                    {actor: domain.Actor{UserID: domain.UserID{2}, Role: domain.RoleStudent, Batch: batch}, want: domain.ErrStudentNotFound},
		"an instructor of another batch learns nothing": {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{{8}}}, want: domain.ErrStudentNotFound},
		"a member learns nothing":                       {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleMember}, want: domain.ErrStudentNotFound},
		"an unknown student is told":                    {actor: domain.Actor{Role: domain.RoleAdmin}, found: domain.ErrStudentNotFound, want: domain.ErrStudentNotFound},
		"a database that is down is no missing student": {actor: domain.Actor{Role: domain.RoleAdmin}, found: domain.ErrUnavailable, want: domain.ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h, want := newHouse(t), domain.Student{}
			if tt.want == nil {
				want = model
			}
			h.students.EXPECT().Student(gomock.Any(), ada.ID).Return(model, tt.found)
			if got, err := h.Student(t.Context(), tt.actor, ada.ID); got != want || !errors.Is(err, tt.want) {
				t.Errorf("Student = %+v, %v; want %+v, %v", got, err, want, tt.want)
			}
		})
	}
}
