package tracking_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

type planDeps struct {
	plans *mock.MockPlanStore
	jobs  *mock.MockSyncJobs
	*tracking.Planner
}

func newPlanner(t *testing.T, at time.Time) planDeps {
	t.Helper()
	ctrl := gomock.NewController(t)
	d := planDeps{plans: mock.NewMockPlanStore(ctrl), jobs: mock.NewMockSyncJobs(ctrl)}
	d.Planner = tracking.NewPlanner(&fake.UnitOfWork{}, d.plans, d.jobs, func() time.Time { return at })
	return d
}

// student returns the nth user.
func student(n int) domain.UserID {
	var id domain.UserID
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

func TestPlan(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		at        time.Time
		candidate domain.SyncCandidate
		want      []domain.PlannedSync // before Spread
	}{
		"before two only today is synced":                       {now, domain.SyncCandidate{User: ada, TimeZone: kathmandu, Active: true}, []domain.PlannedSync{{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}}}},
		"from two the nightly sync is planned":                  {now.Add(time.Hour), domain.SyncCandidate{User: ada, TimeZone: kathmandu, Active: true, PlannedNight: new(today - 1)}, []domain.PlannedSync{{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}, Night: today}}},
		"a night is not planned twice":                          {now.Add(time.Hour), domain.SyncCandidate{User: ada, TimeZone: kathmandu, Active: true, PlannedNight: new(today)}, []domain.PlannedSync{{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}}}},
		"a user without an active batch has nightly syncs only": {now, domain.SyncCandidate{User: ada, TimeZone: kathmandu}, nil},
		"a user whose batch ended long ago is not synced":       {now.Add(time.Hour), domain.SyncCandidate{User: ada, TimeZone: kathmandu, Ended: true}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newPlanner(t, tt.at)
			d.plans.EXPECT().ListSyncCandidates(gomock.Any(), tt.at, domain.UserID{}, 500).Return([]domain.SyncCandidate{tt.candidate}, nil)
			var enqueued, recorded []domain.PlannedSync
			if tt.want != nil {
				d.jobs.EXPECT().EnqueueSyncs(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, p []domain.PlannedSync) (int, error) {
					enqueued = p
					return len(p), nil
				})
				d.plans.EXPECT().RecordPlanned(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, p []domain.PlannedSync) error {
					recorded = p
					return nil
				})
			}

			n, err := d.Plan(t.Context(), domain.System)

			if err != nil || n != len(tt.want) {
				t.Fatalf("Plan: got %d, %v", n, err)
			}
			if diff := cmp.Diff(enqueued, recorded); diff != "" {
				t.Error(diff)
			}
			for i := range enqueued {
				if wait := enqueued[i].At.Sub(tt.at); wait < 0 || wait >= 55*time.Minute {
					t.Errorf("planned in %v", wait)
				}
				enqueued[i].At = time.Time{}
			}
			if diff := cmp.Diff(tt.want, enqueued); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlan_Pages(t *testing.T) {
	t.Parallel()

	school := make([]domain.SyncCandidate, 1000)
	for i := range school {
		school[i] = domain.SyncCandidate{User: student(i), TimeZone: kathmandu, Active: true}
	}
	d := newPlanner(t, now)
	var quarters [4]int
	gomock.InOrder(
		d.plans.EXPECT().ListSyncCandidates(gomock.Any(), now, domain.UserID{}, 500).Return(school[:500], nil),
		d.plans.EXPECT().ListSyncCandidates(gomock.Any(), now, student(499), 500).Return(school[500:], nil),
		d.plans.EXPECT().ListSyncCandidates(gomock.Any(), now, student(999), 500).Return(nil, nil),
	)
	d.jobs.EXPECT().EnqueueSyncs(gomock.Any(), gomock.Len(500)).Times(2).DoAndReturn(func(_ context.Context, p []domain.PlannedSync) (int, error) {
		for _, s := range p {
			quarters[s.At.Sub(now)/(14*time.Minute)]++
		}
		return 400, nil // a hundred were already waiting
	})
	d.plans.EXPECT().RecordPlanned(gomock.Any(), gomock.Len(500)).Times(2).Return(nil)

	n, err := d.Plan(t.Context(), domain.System)

	if err != nil || n != 800 {
		t.Errorf("Plan: got %d, %v, want 800", n, err)
	}
	for i, count := range quarters {
		if count < 150 {
			t.Errorf("quarter %d of the hour has %d of 1000 syncs", i, count)
		}
	}
}

func TestPlannedSync_SpreadIsTheSameEveryHour(t *testing.T) {
	t.Parallel()

	a, b := domain.PlannedSync{User: ada, At: now}, domain.PlannedSync{User: ada, At: now.Add(time.Hour)}
	a.Spread()
	b.Spread()

	if gap := b.At.Sub(a.At); gap != time.Hour {
		t.Errorf("the syncs of consecutive hours are %v apart", gap)
	}
}

func TestPlan_Errors(t *testing.T) {
	t.Parallel()

	candidates := []domain.SyncCandidate{{User: ada, TimeZone: kathmandu, Active: true}}
	tests := map[string]struct {
		actor domain.Actor
		given func(planDeps)
		want  error
	}{
		"users cannot plan": {asAdmin, func(planDeps) {}, domain.ErrForbidden},
		"an error of listing is returned": {domain.System, func(d planDeps) {
			d.plans.EXPECT().ListSyncCandidates(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(nil, errDatabase)
		}, errDatabase},
		"an error of enqueuing is returned": {domain.System, func(d planDeps) {
			d.plans.EXPECT().ListSyncCandidates(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(candidates, nil)
			d.jobs.EXPECT().EnqueueSyncs(gomock.Any(), gomock.Any()).Return(0, errDatabase)
		}, errDatabase},
		"an error of recording is returned, and nothing counts as planned": {domain.System, func(d planDeps) {
			d.plans.EXPECT().ListSyncCandidates(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(candidates, nil)
			d.jobs.EXPECT().EnqueueSyncs(gomock.Any(), gomock.Any()).Return(1, nil)
			d.plans.EXPECT().RecordPlanned(gomock.Any(), gomock.Any()).Return(errDatabase)
		}, errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newPlanner(t, now)
			tt.given(d)

			if n, err := d.Plan(t.Context(), tt.actor); !errors.Is(err, tt.want) || n != 0 {
				t.Errorf("Plan: got %d, %v, want %v", n, err, tt.want)
			}
		})
	}
}
