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
		ID: domain.BatchID{7}, Name: "Spring", TimeZone: "Asia/Kathmandu", CreatedAt: noon, Version: 1,
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

// house is a Service with everything around it.
type house struct {
	*batches.Service
	*batches.Staff
	uow         *fake.UnitOfWork
	batches     *mock.MockBatchStore
	instructors *mock.MockInstructorStore
	keys        *mock.MockRegistrationKeyStore
	users       *mock.MockUserStore
	jobs        *mock.MockSyncJobs
}

func newHouse(t *testing.T) house {
	t.Helper()
	ctrl := gomock.NewController(t)
	h := house{
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

// refusals is what people get who ask for something that only staff of the batch may
// do, or only admins.
func refusals(alsoTeacher bool) map[string]struct {
	actor domain.Actor
	want  error
} {
	out := map[string]struct {
		actor domain.Actor
		want  error
	}{
		"a student of the batch sees it and may not":    {student, domain.ErrForbidden},
		"a student of another batch learns nothing":     {stranger, domain.ErrBatchNotFound},
		"an instructor of another batch learns nothing": {visitor, domain.ErrBatchNotFound},
		"a member learns nothing":                       {member, domain.ErrBatchNotFound},
		"who is not signed in learns nothing":           {anyone, domain.ErrBatchNotFound},
	}
	if alsoTeacher {
		out["an instructor of the batch sees it and may not"] = struct {
			actor domain.Actor
			want  error
		}{teacher, domain.ErrForbidden}
	}
	return out
}

func TestWhoMayNot(t *testing.T) {
	t.Parallel()

	user := domain.UserID{3}
	calls := map[string]struct {
		call        func(*testing.T, house, domain.Actor) error
		alsoTeacher bool
	}{
		"edit": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.UpdateBatch(t.Context(), a, spring.ID, domain.BatchUpdate{Name: new("Mine")}, nil)
			return err
		}, false},
		"archive": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.ArchiveBatch(t.Context(), a, spring.ID, nil)
			return err
		}, true},
		"reopen": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.RestoreBatch(t.Context(), a, spring.ID, nil)
			return err
		}, true},
		"list instructors": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.Instructors(t.Context(), a, spring.ID)
			return err
		}, false},
		"assign an instructor": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.AssignInstructor(t.Context(), a, spring.ID, user)
			return err
		}, true},
		"remove an instructor": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			return h.RemoveInstructor(t.Context(), a, spring.ID, user)
		}, true},
		"read the key": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.RegistrationKey(t.Context(), a, spring.ID)
			return err
		}, false},
		"edit the key": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.UpdateRegistrationKey(t.Context(), a, spring.ID, domain.RegistrationKeyUpdate{}, nil)
			return err
		}, false},
		"rotate the key": {func(t *testing.T, h house, a domain.Actor) error {
			t.Helper()
			_, err := h.RotateRegistrationKey(t.Context(), a, spring.ID, nil)
			return err
		}, false},
	}
	for what, c := range calls {
		for who, tt := range refusals(c.alsoTeacher) {
			t.Run(what+": "+who, func(t *testing.T) {
				t.Parallel()

				h := newHouse(t)
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
		actor domain.Actor
		sight domain.Visibility
	}{
		"an admin sees all":                       {admin, domain.Visibility{All: true}},
		"an instructor sees what they teach":      {teacher, domain.Visibility{Batches: []domain.BatchID{spring.ID}}},
		"a student sees their own":                {student, domain.Visibility{Batches: []domain.BatchID{spring.ID}}},
		"a member sees none":                      {member, domain.Visibility{}},
		"who is not signed in sees none":          {anyone, domain.Visibility{}},
		"a student of another batch sees another": {stranger, domain.Visibility{Batches: []domain.BatchID{{8}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			h.batches.EXPECT().ListBatches(gomock.Any(), tt.sight, filter, request).Return(page, nil)
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
		t.Run(name+" reads it", func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			h.batches.EXPECT().Batch(gomock.Any(), spring.ID).Return(spring, nil)
			if got, err := h.Batch(t.Context(), actor, spring.ID); got != spring || err != nil {
				t.Errorf("Batch = %+v, %v", got, err)
			}
		})
	}
	for name, actor := range map[string]domain.Actor{"another instructor": visitor, "another student": stranger, "a member": member} {
		t.Run(name+" does not", func(t *testing.T) {
			t.Parallel()

			if _, err := newHouse(t).Batch(t.Context(), actor, spring.ID); !errors.Is(err, domain.ErrBatchNotFound) {
				t.Errorf("Batch: %v, want %v", err, domain.ErrBatchNotFound)
			}
		})
	}
}

func TestOpenBatch(t *testing.T) {
	t.Parallel()

	edit := domain.BatchUpdate{Name: new("Spring"), TimeZone: new("Asia/Kathmandu"), StartsOn: &spring.StartsOn, EndsOn: &spring.EndsOn}
	key := domain.RegistrationKey{Batch: spring.ID, Key: "FRESH", Enabled: true, RotatedAt: noon, Version: 1}
	adds := func(h house, err error) *gomock.Call {
		return h.batches.EXPECT().AddBatch(inside(), spring).Return(err).Call
	}

	tests := map[string]struct {
		actor domain.Actor
		edit  domain.BatchUpdate
		given func(house)
		want  error
	}{
		"an admin opens a batch with a key that is switched on": {
			actor: admin, edit: edit,
			given: func(h house) {
				gomock.InOrder(adds(h, nil), h.keys.EXPECT().SaveRegistrationKey(inside(), key).Return(nil).Call)
			},
		},
		"a batch without a name is refused": {actor: admin, edit: domain.BatchUpdate{}, want: domain.ErrInvalid},
		"an instructor opens no batch":      {actor: teacher, edit: edit, want: domain.ErrForbidden},
		"a member opens no batch":           {actor: member, edit: edit, want: domain.ErrForbidden},
		"a zone that the database does not know is told": {
			actor: admin, edit: edit, given: func(h house) { adds(h, domain.ErrInvalid) }, want: domain.ErrInvalid,
		},
		"a fault at the key is passed on": {
			actor: admin, edit: edit,
			given: func(h house) {
				adds(h, nil)
				h.keys.EXPECT().SaveRegistrationKey(inside(), key).Return(errDisk)
			},
			want: errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			if tt.given != nil {
				tt.given(h)
			}
			got, err := h.CreateBatch(t.Context(), tt.actor, tt.edit)

			var want domain.Batch
			var audit []domain.Change
			if tt.want == nil {
				want = spring
				audit = []domain.Change{{Action: domain.ActBatchCreate, Subject: spring.ID.String(), Details: map[string]any{"name": "Spring"}}}
			}
			if got != want || !errors.Is(err, tt.want) {
				t.Errorf("OpenBatch = %+v, %v; want %+v, %v", got, err, want, tt.want)
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}
