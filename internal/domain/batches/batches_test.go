package batches_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/batches"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

var (
	noon    = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	errDisk = errors.New("disk full")

	spring = domain.Batch{
		ID: domain.BatchID{7}, Name: "Spring", TimeZone: "Asia/Kathmandu", AITime: domain.AIExcluded, CreatedAt: noon, Version: 1,
		StartsOn: domain.NewDay(2026, time.March, 1), EndsOn: domain.NewDay(2026, time.May, 31),
	}

	admin    = domain.Actor{UserID: domain.UserID{99}, Role: domain.RoleAdmin}
	teacher  = domain.Actor{UserID: domain.UserID{3}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{spring.ID}}
	visitor  = domain.Actor{UserID: domain.UserID{4}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{{8}}}
	student  = domain.Actor{UserID: domain.UserID{5}, Role: domain.RoleStudent, Batch: spring.ID}
	stranger = domain.Actor{UserID: domain.UserID{6}, Role: domain.RoleStudent, Batch: domain.BatchID{8}}
	member   = domain.Actor{UserID: domain.UserID{2}, Role: domain.RoleMember}
	anyone   = domain.Actor{Role: domain.RoleAnyone}
)

// harness is the services of the slice with mocks of their ports.
type harness struct {
	*batches.Service
	*batches.Staff
	uow         *fake.UnitOfWork
	batches     *mock.MockBatchStore
	instructors *mock.MockInstructorStore
	keys        *mock.MockRegistrationKeyStore
	users       *mock.MockUserStore
	jobs        *mock.MockSyncJobs
}

func newHarness(t *testing.T) harness {
	t.Helper()
	ctrl := gomock.NewController(t)
	h := harness{
		uow: &fake.UnitOfWork{}, batches: mock.NewMockBatchStore(ctrl), instructors: mock.NewMockInstructorStore(ctrl),
		keys: mock.NewMockRegistrationKeyStore(ctrl), users: mock.NewMockUserStore(ctrl), jobs: mock.NewMockSyncJobs(ctrl),
	}
	clock := func() time.Time { return noon }
	newKey := func() domain.Secret { return "FRESH" }
	h.Service = batches.New(h.uow, h.batches, h.keys, h.jobs, clock, func() [16]byte { return spring.ID }, newKey)
	h.Staff = batches.NewStaff(h.uow, h.batches, h.instructors, h.keys, h.users, clock, newKey)
	return h
}

// inside matches the context of a unit of work.
func inside() gomock.Matcher {
	return gomock.Cond(fake.Inside)
}

func with(b domain.Batch, change func(*domain.Batch)) domain.Batch {
	change(&b)
	return b
}

// rejections returns the actors without permission for an operation of the staff of a batch,
// or, with alsoTeacher, of admins.
func rejections(alsoTeacher bool) map[string]struct {
	actor domain.Actor
	want  error
} {
	out := map[string]struct {
		actor domain.Actor
		want  error
	}{
		"a student of the batch is forbidden":             {student, domain.ErrForbidden},
		"a student of another batch does not find it":     {stranger, domain.ErrBatchNotFound},
		"an instructor of another batch does not find it": {visitor, domain.ErrBatchNotFound},
		"a member does not find it":                       {member, domain.ErrBatchNotFound},
		"a caller who is not signed in does not find it":  {anyone, domain.ErrBatchNotFound},
	}
	if alsoTeacher {
		out["an instructor of the batch is forbidden"] = struct {
			actor domain.Actor
			want  error
		}{teacher, domain.ErrForbidden}
	}
	return out
}

func TestPermissions(t *testing.T) {
	t.Parallel()

	user := domain.UserID{3}
	calls := map[string]struct {
		call        func(*testing.T, harness, domain.Actor) error
		alsoTeacher bool
	}{
		"update": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.UpdateBatch(t.Context(), a, spring.ID, domain.BatchUpdate{Name: new("Mine")}, nil)
			return err
		}, false},
		"archive": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.ArchiveBatch(t.Context(), a, spring.ID, nil)
			return err
		}, true},
		"restore": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.RestoreBatch(t.Context(), a, spring.ID, nil)
			return err
		}, true},
		"list instructors": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.Instructors(t.Context(), a, spring.ID)
			return err
		}, false},
		"assign an instructor": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.AssignInstructor(t.Context(), a, spring.ID, user)
			return err
		}, true},
		"remove an instructor": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			return h.RemoveInstructor(t.Context(), a, spring.ID, user)
		}, true},
		"read the key": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.RegistrationKey(t.Context(), a, spring.ID)
			return err
		}, false},
		"update the key": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.UpdateRegistrationKey(t.Context(), a, spring.ID, domain.RegistrationKeyUpdate{}, nil)
			return err
		}, false},
		"rotate the key": {func(t *testing.T, h harness, a domain.Actor) error {
			t.Helper()
			_, err := h.RotateRegistrationKey(t.Context(), a, spring.ID, nil)
			return err
		}, false},
	}
	for operation, c := range calls {
		for actor, tt := range rejections(c.alsoTeacher) {
			t.Run(operation+": "+actor, func(t *testing.T) {
				t.Parallel()

				h := newHarness(t)
				if err := c.call(t, h, tt.actor); !errors.Is(err, tt.want) || len(h.uow.Changes) != 0 {
					t.Errorf("error %v, recorded %v; want %v and nothing", err, h.uow.Changes, tt.want)
				}
			})
		}
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()

	filter, request := domain.BatchFilter{Status: domain.BatchActive}, domain.PageRequest{Limit: 10}
	page := domain.Page[domain.Batch]{Items: []domain.Batch{spring}, Next: "x"}
	tests := map[string]struct {
		actor   domain.Actor
		visible domain.Visibility
	}{
		"an admin sees all batches":                     {admin, domain.Visibility{All: true}},
		"an instructor sees the batches they teach":     {teacher, domain.Visibility{Batches: []domain.BatchID{spring.ID}}},
		"a student sees their own batch":                {student, domain.Visibility{Batches: []domain.BatchID{spring.ID}}},
		"a member sees no batches":                      {member, domain.Visibility{}},
		"a caller who is not signed in sees no batches": {anyone, domain.Visibility{}},
		"a student of another batch sees that one":      {stranger, domain.Visibility{Batches: []domain.BatchID{{8}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.batches.EXPECT().ListBatches(gomock.Any(), tt.visible, filter, request).Return(page, nil)
			got, err := h.Batches(t.Context(), tt.actor, filter, request)
			if diff := cmp.Diff(page, got); diff != "" || err != nil {
				t.Errorf("Batches: error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()

	for name, actor := range map[string]domain.Actor{"an admin": admin, "its instructor": teacher, "its student": student} {
		t.Run(name+" can get it", func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.batches.EXPECT().Batch(gomock.Any(), spring.ID).Return(spring, nil)
			if got, err := h.Batch(t.Context(), actor, spring.ID); got != spring || err != nil {
				t.Errorf("Batch = %+v, %v", got, err)
			}
		})
	}
	for name, actor := range map[string]domain.Actor{"another instructor": visitor, "another student": stranger, "a member": member} {
		t.Run(name+" does not find it", func(t *testing.T) {
			t.Parallel()

			if _, err := newHarness(t).Batch(t.Context(), actor, spring.ID); !errors.Is(err, domain.ErrBatchNotFound) {
				t.Errorf("Batch: %v, want %v", err, domain.ErrBatchNotFound)
			}
		})
	}
}

func TestCreateBatch(t *testing.T) {
	t.Parallel()

	fields := domain.BatchUpdate{Name: new("Spring"), TimeZone: new("Asia/Kathmandu"), StartsOn: &spring.StartsOn, EndsOn: &spring.EndsOn}
	key := domain.RegistrationKey{Batch: spring.ID, Key: "FRESH", Enabled: true, RotatedAt: noon, Version: 1}
	adds := func(h harness, err error) *gomock.Call {
		return h.batches.EXPECT().AddBatch(inside(), spring).Return(err).Call
	}

	tests := map[string]struct {
		actor  domain.Actor
		fields domain.BatchUpdate
		given  func(harness)
		want   error
	}{
		"an admin creates a batch with an enabled key": {
			actor: admin, fields: fields,
			given: func(h harness) {
				gomock.InOrder(adds(h, nil), h.keys.EXPECT().SaveRegistrationKey(inside(), key).Return(nil).Call)
			},
		},
		"a batch without a name is rejected":  {actor: admin, fields: domain.BatchUpdate{}, want: domain.ErrInvalid},
		"an instructor cannot create a batch": {actor: teacher, fields: fields, want: domain.ErrForbidden},
		"a member cannot create a batch":      {actor: member, fields: fields, want: domain.ErrForbidden},
		"a time zone that the database does not know is rejected": {
			actor: admin, fields: fields, given: func(h harness) { adds(h, domain.ErrInvalid) }, want: domain.ErrInvalid,
		},
		"an error of the key is returned": {
			actor: admin, fields: fields,
			given: func(h harness) {
				adds(h, nil)
				h.keys.EXPECT().SaveRegistrationKey(inside(), key).Return(errDisk)
			},
			want: errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			if tt.given != nil {
				tt.given(h)
			}
			got, err := h.CreateBatch(t.Context(), tt.actor, tt.fields)

			var want domain.Batch
			var audit []domain.Change
			if tt.want == nil {
				want = spring
				audit = []domain.Change{{Action: domain.ActBatchCreate, Subject: spring.ID.String(), Details: map[string]any{"name": "Spring"}}}
			}
			if got != want || !errors.Is(err, tt.want) {
				t.Errorf("CreateBatch = %+v, %v; want %+v, %v", got, err, want, tt.want)
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}
