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

// harness is the services of the slice with mocks of their ports.
type harness struct {
	*students.Service
	uow        *fake.UnitOfWork
	students   *mock.MockStudentStore
	enrolments *mock.MockEnrolmentStore
	users      *mock.MockUserStore
	keys       *mock.MockRegistrationKeyStore
	jobs       *mock.MockSyncJobs
}

func newHarness(t *testing.T) harness {
	t.Helper()
	ctrl := gomock.NewController(t)
	h := harness{
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
		key            = domain.RegistrationKey{Batch: batch, Key: "ABCDEF", Enabled: true, Seats: new(10), Taken: 9}
		full, disabled = key, key
		student        = ada
		enrolment      = domain.Enrolment{ID: domain.EnrolmentID{42}, User: ada.ID, Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: noon}
		fault          = errors.New("disk full")
	)
	full.Taken = 10
	disabled.Enabled = false
	student.Role = domain.RoleStudent

	locks := func(h harness, u domain.User) *gomock.Call {
		return h.users.EXPECT().LockedUser(inside(), ada.ID).Return(u, nil).Call
	}
	finds := func(h harness, k domain.RegistrationKey, err error) *gomock.Call {
		return h.keys.EXPECT().LockRegistrationKeyByText(inside(), domain.Secret("ABCDEF")).Return(k, err).Call
	}
	saves := func(h harness, err error) *gomock.Call {
		return h.users.EXPECT().SaveUser(inside(), student).Return(err).Call
	}
	adds := func(h harness, err error) *gomock.Call {
		return h.enrolments.EXPECT().AddEnrolment(inside(), enrolment).Return(err).Call
	}
	syncs := func(h harness, err error) *gomock.Call {
		return h.jobs.EXPECT().EnqueueSync(inside(), ada.ID, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}).Return(err).Call
	}
	reads := func(h harness, err error) *gomock.Call {
		return h.students.EXPECT().Student(inside(), ada.ID).Return(model, err).Call
	}
	as := func(role domain.Role) domain.Actor { return domain.Actor{UserID: ada.ID, Role: role, Batch: batch} }
	staffDetail := "Instructors and admins cannot join a batch. Ask an admin to make this account a member first."

	tests := map[string]struct {
		actor  domain.Actor
		given  func(harness)
		want   error
		detail string
		audit  []domain.Change
	}{
		"a member becomes a student, and the user is locked before the key": {
			actor: asAda,
			given: func(h harness) {
				gomock.InOrder(locks(h, ada), finds(h, key, nil), saves(h, nil), adds(h, nil), syncs(h, nil), reads(h, nil))
			},
			audit: []domain.Change{{Action: domain.ActStudentEnrol, Subject: ada.ID.String(), Details: map[string]any{"batch_id": batch.String()}}},
		},
		"a student is already enrolled":                            {actor: as(domain.RoleStudent), want: domain.ErrAlreadyEnrolled},
		"an instructor is rejected with instructions":              {actor: as(domain.RoleInstructor), want: domain.ErrForbidden, detail: staffDetail},
		"an admin is rejected with instructions":                   {actor: as(domain.RoleAdmin), want: domain.ErrForbidden, detail: staffDetail},
		"a caller who is not signed in is rejected":                {actor: domain.Actor{Role: domain.RoleAnyone}, want: domain.ErrForbidden},
		"a member without an ID is rejected":                       {actor: domain.Actor{Role: domain.RoleMember}, want: domain.ErrForbidden},
		"a user who joined another batch concurrently is rejected": {actor: asAda, given: func(h harness) { locks(h, student); finds(h, key, nil) }, want: domain.ErrAlreadyEnrolled},
		"an unknown key is rejected":                               {actor: asAda, given: func(h harness) { locks(h, ada); finds(h, domain.RegistrationKey{}, domain.ErrRegistrationKeyInvalid) }, want: domain.ErrRegistrationKeyInvalid},
		"a disabled key is rejected":                               {actor: asAda, given: func(h harness) { locks(h, ada); finds(h, disabled, nil) }, want: domain.ErrRegistrationKeyInvalid},
		"a full batch is rejected":                                 {actor: asAda, given: func(h harness) { locks(h, ada); finds(h, full, nil) }, want: domain.ErrBatchFull},
		"a second enrolment is rejected": {
			actor: asAda,
			given: func(h harness) { locks(h, ada); finds(h, key, nil); saves(h, nil); adds(h, domain.ErrAlreadyEnrolled) },
			want:  domain.ErrAlreadyEnrolled,
		},
		"an error of the user is returned": {
			actor: asAda,
			given: func(h harness) { h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, fault) },
			want:  fault,
		},
		"an error of saving is returned": {
			actor: asAda,
			given: func(h harness) { locks(h, ada); finds(h, key, nil); saves(h, fault) },
			want:  fault,
		},
		"an error of enqueuing the sync is returned": {
			actor: asAda,
			given: func(h harness) { locks(h, ada); finds(h, key, nil); saves(h, nil); adds(h, nil); syncs(h, fault) },
			want:  fault,
		},
		"an error of reading is returned": {
			actor: asAda,
			given: func(h harness) {
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

			h := newHarness(t)
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
				t.Errorf("Join: %v, want the detail %q", err, tt.detail)
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
		actor   domain.Actor
		visible domain.Visibility
		want    error
	}{
		"an admin sees all students":                         {domain.Actor{Role: domain.RoleAdmin}, domain.Visibility{All: true}, nil},
		"an instructor sees the students they teach":         {domain.Actor{Role: domain.RoleInstructor, Teaches: []domain.BatchID{batch}}, domain.Visibility{Batches: []domain.BatchID{batch}}, nil},
		"an instructor without batches sees no students":     {domain.Actor{Role: domain.RoleInstructor}, domain.Visibility{}, nil},
		"a student cannot list students":                     {domain.Actor{Role: domain.RoleStudent, UserID: ada.ID, Batch: batch}, domain.Visibility{}, domain.ErrForbidden},
		"a member cannot list students":                      {asAda, domain.Visibility{}, domain.ErrForbidden},
		"a caller who is not signed in cannot list students": {domain.Actor{Role: domain.RoleAnyone}, domain.Visibility{}, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h, want := newHarness(t), domain.Page[domain.Student]{}
			if tt.want == nil {
				want = page
				h.students.EXPECT().ListStudents(gomock.Any(), tt.visible, filter, request).Return(page, nil)
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
		"an admin can get any student":                      {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleAdmin}},
		"an instructor can get a student they teach":        {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{batch}}},
		"a student can get themselves":                      {actor: domain.Actor{UserID: ada.ID, Role: domain.RoleStudent, Batch: batch}},
		"a classmate does not find them":                    {actor: domain.Actor{UserID: domain.UserID{2}, Role: domain.RoleStudent, Batch: batch}, want: domain.ErrStudentNotFound},
		"an instructor of another batch does not find them": {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{{8}}}, want: domain.ErrStudentNotFound},
		"a member does not find them":                       {actor: domain.Actor{UserID: domain.UserID{9}, Role: domain.RoleMember}, want: domain.ErrStudentNotFound},
		"an unknown student is rejected":                    {actor: domain.Actor{Role: domain.RoleAdmin}, found: domain.ErrStudentNotFound, want: domain.ErrStudentNotFound},
		"an unavailable database is not a missing student":  {actor: domain.Actor{Role: domain.RoleAdmin}, found: domain.ErrUnavailable, want: domain.ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h, want := newHarness(t), domain.Student{}
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
