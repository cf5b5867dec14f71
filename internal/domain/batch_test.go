package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

var (
	firstOfMarch = domain.NewDay(2026, time.March, 1)
	lastOfMay    = domain.NewDay(2026, time.May, 31)
)

func spring() domain.BatchUpdate {
	return domain.BatchUpdate{Name: new(" Spring "), TimeZone: new("Asia/Kathmandu"), StartsOn: new(firstOfMarch), EndsOn: new(lastOfMay)}
}

func TestNewBatch(t *testing.T) {
	t.Parallel()

	id := domain.BatchID{7}
	tests := map[string]struct {
		edit    func(*domain.BatchUpdate)
		want    func(*domain.Batch)
		invalid []string
	}{
		"the description and the goal are optional": {},
		"all fields are set": {
			edit: func(e *domain.BatchUpdate) {
				e.Description, e.WeeklyGoal, e.AITime = new("Go"), new(new(3600)), new(domain.AIIncluded)
			},
			want: func(b *domain.Batch) { b.Description, b.WeeklyGoal, b.AITime = "Go", new(3600), domain.AIIncluded },
		},
		"a batch of one day is accepted": {
			edit: func(e *domain.BatchUpdate) { e.EndsOn = e.StartsOn },
			want: func(b *domain.Batch) { b.EndsOn = b.StartsOn },
		},
		"three years are accepted": {
			edit: func(e *domain.BatchUpdate) { e.EndsOn = new(firstOfMarch + 3*366 - 1) },
			want: func(b *domain.Batch) { b.EndsOn = firstOfMarch + 3*366 - 1 },
		},
		"three years and a day are rejected": {
			edit:    func(e *domain.BatchUpdate) { e.EndsOn = new(firstOfMarch + 3*366) },
			invalid: []string{"ends_on range_too_long"},
		},
		"an end before the start is rejected": {
			edit:    func(e *domain.BatchUpdate) { e.EndsOn = new(firstOfMarch - 1) },
			invalid: []string{"ends_on range_reversed"},
		},
		"a goal of 0 is rejected": {
			edit:    func(e *domain.BatchUpdate) { e.WeeklyGoal = new(new(0)) },
			invalid: []string{"weekly_goal_seconds out_of_range"},
		},
		"a goal of a whole week is accepted": {
			edit: func(e *domain.BatchUpdate) { e.WeeklyGoal = new(new(604_800)) },
			want: func(b *domain.Batch) { b.WeeklyGoal = new(604_800) },
		},
		"a goal of more than a week is rejected": {
			edit:    func(e *domain.BatchUpdate) { e.WeeklyGoal = new(new(604_801)) },
			invalid: []string{"weekly_goal_seconds out_of_range"},
		},
		"the name and the time zone are required": {
			edit:    func(e *domain.BatchUpdate) { e.Name, e.TimeZone = nil, nil },
			invalid: []string{"name length", "time_zone time_zone_unknown"},
		},
		"the dates are required": {
			edit:    func(e *domain.BatchUpdate) { e.StartsOn, e.EndsOn = nil, nil },
			invalid: []string{"starts_on required", "ends_on required"},
		},
		"all invalid fields are reported at once": {
			edit: func(e *domain.BatchUpdate) {
				*e = domain.BatchUpdate{
					Name: new(""), Description: new(strings.Repeat("x", 2001)), TimeZone: new("Mars"),
					StartsOn: new(lastOfMay), EndsOn: new(firstOfMarch), WeeklyGoal: new(new(-1)),
				}
			},
			invalid: []string{"name length", "description length", "time_zone time_zone_unknown", "ends_on range_reversed", "weekly_goal_seconds out_of_range"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			fields := spring()
			if tt.edit != nil {
				tt.edit(&fields)
			}
			got, err := domain.NewBatch(id, fields, noon)

			var want domain.Batch
			if tt.invalid == nil {
				want = domain.Batch{ID: id, Name: "Spring", TimeZone: "Asia/Kathmandu", StartsOn: firstOfMarch, EndsOn: lastOfMay, AITime: domain.AIExcluded, CreatedAt: noon, Version: 1}
				if tt.want != nil {
					tt.want(&want)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("NewBatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.invalid, fieldCodes(err)); diff != "" {
				t.Errorf("NewBatch: invalid fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBatch_Update(t *testing.T) {
	t.Parallel()

	batch, err := domain.NewBatch(domain.BatchID{7}, spring(), noon)
	if err != nil {
		t.Fatal(err)
	}
	withGoal, archived := batch, batch
	withGoal.WeeklyGoal = new(3600)
	archived.Archive(noon)

	tests := map[string]struct {
		batch   domain.Batch
		update  domain.BatchUpdate
		want    func(*domain.Batch)
		changed bool
		err     error
	}{
		"an empty update changes nothing":             {batch: batch},
		"the same values change nothing":              {batch: batch, update: spring()},
		"the same goal changes nothing":               {batch: withGoal, update: domain.BatchUpdate{WeeklyGoal: new(new(3600))}},
		"a different goal is set":                     {batch: withGoal, update: domain.BatchUpdate{WeeklyGoal: new(new(7200))}, want: func(b *domain.Batch) { b.WeeklyGoal = new(7200) }, changed: true},
		"a goal can be removed":                       {batch: withGoal, update: domain.BatchUpdate{WeeklyGoal: new((*int)(nil))}, want: func(b *domain.Batch) { b.WeeklyGoal = nil }, changed: true},
		"removing no goal changes nothing":            {batch: batch, update: domain.BatchUpdate{WeeklyGoal: new((*int)(nil))}},
		"a new name is set":                           {batch: batch, update: domain.BatchUpdate{Name: new("Autumn")}, want: func(b *domain.Batch) { b.Name = "Autumn" }, changed: true},
		"an end before the old start changes nothing": {batch: batch, update: domain.BatchUpdate{Name: new("Autumn"), EndsOn: new(firstOfMarch - 1)}, err: domain.ErrInvalid},
		"an archived batch cannot be updated":         {batch: archived, update: domain.BatchUpdate{Name: new("Autumn")}, err: domain.ErrBatchArchived},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, want := tt.batch, tt.batch
			if tt.want != nil {
				tt.want(&want)
			}
			changed, err := got.Update(tt.update)

			if changed != tt.changed || !errors.Is(err, tt.err) {
				t.Errorf("Update: changed %t, error %v; want %t, %v", changed, err, tt.changed, tt.err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Update (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBatch_ArchiveAndRestore(t *testing.T) {
	t.Parallel()

	var b domain.Batch
	if b.Restore() {
		t.Error("Restore of a batch that is not archived returned true")
	}
	if !b.Archive(noon) || b.Archive(noon.Add(time.Hour)) || !b.ArchivedAt.Equal(noon) {
		t.Errorf("Archive twice: archived at %v, want once, at %v", b.ArchivedAt, noon)
	}
	if !b.Restore() || b.ArchivedAt != nil {
		t.Errorf("Restore: still archived at %v", b.ArchivedAt)
	}
}

func TestBatch_Status(t *testing.T) {
	t.Parallel()

	batch := domain.Batch{StartsOn: firstOfMarch, EndsOn: lastOfMay, TimeZone: "Asia/Kathmandu"}
	kathmandu := batch.TimeZone.Location()
	archived := batch
	archived.Archive(noon)

	tests := map[string]struct {
		batch domain.Batch
		now   time.Time
		want  domain.BatchStatus
	}{
		"it is upcoming before its first day":         {batch, time.Date(2026, 2, 28, 23, 59, 59, 0, kathmandu), domain.BatchUpcoming},
		"it is active from midnight in its time zone": {batch, time.Date(2026, 3, 1, 0, 0, 0, 0, kathmandu), domain.BatchActive},
		"it is active on its last day":                {batch, time.Date(2026, 5, 31, 23, 59, 59, 0, kathmandu), domain.BatchActive},
		"it has ended after its last day":             {batch, time.Date(2026, 6, 1, 0, 0, 0, 0, kathmandu), domain.BatchEnded},
		"it is archived regardless of its dates":      {archived, time.Date(2026, 4, 1, 0, 0, 0, 0, kathmandu), domain.BatchArchived},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tt.batch.Status(tt.now); got != tt.want {
				t.Errorf("Status = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNewInstructor(t *testing.T) {
	t.Parallel()

	u := domain.User{ID: domain.UserID{3}, Name: "Grace", Email: "grace@example.com", Role: domain.RoleInstructor}
	got, err := domain.NewInstructor(u, noon)
	if want := (domain.Instructor{User: u.ID, Name: "Grace", Email: "grace@example.com", AssignedAt: noon}); got != want || err != nil {
		t.Errorf("NewInstructor = %+v, %v; want %+v", got, err, want)
	}
	for _, role := range []domain.Role{domain.RoleMember, domain.RoleStudent, domain.RoleAdmin} {
		u.Role = role
		if _, err := domain.NewInstructor(u, noon); !errors.Is(err, domain.ErrNotAnInstructor) {
			t.Errorf("NewInstructor of a %s: %v, want %v", role, err, domain.ErrNotAnInstructor)
		}
	}
}
