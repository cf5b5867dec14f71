package batches_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestUpdateArchiveAndRestoreBatch(t *testing.T) {
	t.Parallel()

	update := func(u domain.BatchUpdate) func(*testing.T, harness, domain.Actor) (domain.Batch, error) {
		return func(t *testing.T, h harness, a domain.Actor) (domain.Batch, error) {
			t.Helper()
			return h.UpdateBatch(t.Context(), a, spring.ID, u, nil)
		}
	}
	archive := func(t *testing.T, h harness, a domain.Actor) (domain.Batch, error) {
		t.Helper()
		return h.ArchiveBatch(t.Context(), a, spring.ID, nil)
	}
	restore := func(t *testing.T, h harness, a domain.Actor) (domain.Batch, error) {
		t.Helper()
		return h.RestoreBatch(t.Context(), a, spring.ID, nil)
	}
	var (
		archived = with(spring, func(b *domain.Batch) { b.ArchivedAt = &noon })
		reread   = with(spring, func(b *domain.Batch) { b.Students, b.Version = 12, 2 })
		all      = domain.BatchUpdate{
			Name: new("Autumn"), Description: new("Go"), TimeZone: new("America/Chicago"), WeeklyGoal: new(new(3600)),
			StartsOn: new(domain.NewDay(2026, time.September, 1)), EndsOn: new(domain.NewDay(2026, time.December, 1)), AITime: new(domain.AIIncluded),
		}
	)
	lock := func(h harness, b domain.Batch) *gomock.Call {
		return h.batches.EXPECT().LockBatch(inside(), spring.ID).Return(b, nil).Call
	}
	saves := func(h harness, want func(domain.Batch) bool) *gomock.Call {
		return h.batches.EXPECT().SaveBatch(inside(), gomock.Cond(want)).Return(nil).Call
	}
	reads := func(h harness) *gomock.Call {
		return h.batches.EXPECT().Batch(inside(), spring.ID).Return(reread, nil).Call
	}
	renamed := func(b domain.Batch) bool { return b.Name == "Autumn" && b.ID == spring.ID }

	tests := map[string]struct {
		actor domain.Actor
		call  func(*testing.T, harness, domain.Actor) (domain.Batch, error)
		given func(harness)
		batch domain.Batch
		want  error
		audit []domain.Change
	}{
		"an instructor can rename their batch, and gets it with its counts": {
			actor: teacher, call: update(domain.BatchUpdate{Name: new("Autumn")}),
			given: func(h harness) { gomock.InOrder(lock(h, spring), saves(h, renamed), reads(h)) },
			batch: reread,
			audit: []domain.Change{{
				Action: domain.ActBatchUpdate, Subject: spring.ID.String(),
				Details: map[string]any{"name": map[string]any{"from": "Spring", "to": "Autumn"}},
			}},
		},
		"the old and new value of each field is recorded": {
			actor: admin, call: update(all),
			given: func(h harness) {
				lock(h, spring)
				saves(h, renamed)
				// Their days were split in the old time zone.
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return([]domain.UserID{{1}, {2}}, nil)
				h.jobs.EXPECT().EnqueueSyncs(inside(), []domain.PlannedSync{
					{User: domain.UserID{1}, SyncRequest: domain.SyncRequest{Scope: domain.SyncOnDemand}}, {User: domain.UserID{2}, SyncRequest: domain.SyncRequest{Scope: domain.SyncOnDemand}},
				}).Return(2, nil)
				reads(h)
			},
			batch: reread,
			audit: []domain.Change{{
				Action: domain.ActBatchUpdate, Subject: spring.ID.String(),
				Details: map[string]any{
					"name":                map[string]any{"from": "Spring", "to": "Autumn"},
					"description":         "changed",
					"time_zone":           map[string]any{"from": domain.TimeZone("Asia/Kathmandu"), "to": domain.TimeZone("America/Chicago")},
					"starts_on":           map[string]any{"from": "2026-03-01", "to": "2026-09-01"},
					"ends_on":             map[string]any{"from": "2026-05-31", "to": "2026-12-01"},
					"weekly_goal_seconds": map[string]any{"from": nil, "to": 3600},
					"ai_time":             map[string]any{"from": domain.AIExcluded, "to": domain.AIIncluded},
				},
			}},
		},
		"an unchanged value is neither saved nor recorded": {
			actor: admin, call: update(domain.BatchUpdate{Name: new("Spring")}),
			given: func(h harness) { lock(h, spring); reads(h) },
			batch: reread,
		},
		"an end before the start is rejected": {
			actor: admin, call: update(domain.BatchUpdate{EndsOn: new(spring.StartsOn - 1)}),
			given: func(h harness) { lock(h, spring) },
			want:  domain.ErrInvalid,
		},
		"an archived batch cannot be updated": {
			actor: admin, call: update(domain.BatchUpdate{Name: new("Autumn")}),
			given: func(h harness) { lock(h, archived) },
			want:  domain.ErrBatchArchived,
		},
		"an admin can archive a batch": {
			actor: admin, call: archive,
			given: func(h harness) {
				gomock.InOrder(lock(h, spring), saves(h, func(b domain.Batch) bool { return b.ArchivedAt.Equal(noon) }), reads(h))
			},
			batch: reread,
			audit: []domain.Change{{Action: domain.ActBatchArchive, Subject: spring.ID.String(), Details: map[string]any{}}},
		},
		"archiving an archived batch changes nothing": {
			actor: admin, call: archive,
			given: func(h harness) { lock(h, archived); reads(h) },
			batch: reread,
		},
		"an admin can restore a batch": {
			actor: admin, call: restore,
			given: func(h harness) {
				gomock.InOrder(lock(h, archived), saves(h, func(b domain.Batch) bool { return b.ArchivedAt == nil }), reads(h))
			},
			batch: reread,
			audit: []domain.Change{{Action: domain.ActBatchRestore, Subject: spring.ID.String(), Details: map[string]any{}}},
		},
		"an unknown batch is rejected": {
			actor: admin, call: restore,
			given: func(h harness) {
				h.batches.EXPECT().LockBatch(inside(), spring.ID).Return(domain.Batch{}, domain.ErrBatchNotFound)
			},
			want: domain.ErrBatchNotFound,
		},
		"an error of saving is returned": {
			actor: admin, call: archive,
			given: func(h harness) { lock(h, spring); h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(errDisk) },
			want:  errDisk,
		},
		"an error of listing the students is returned": {
			actor: admin, call: update(domain.BatchUpdate{TimeZone: new("UTC")}),
			given: func(h harness) {
				lock(h, spring)
				h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(nil)
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return(nil, errDisk)
			},
			want: errDisk,
		},
		"an error of enqueuing the syncs is returned": {
			actor: admin, call: update(domain.BatchUpdate{TimeZone: new("UTC")}),
			given: func(h harness) {
				lock(h, spring)
				h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(nil)
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return([]domain.UserID{{1}, {2}}, nil)
				h.jobs.EXPECT().EnqueueSyncs(inside(), gomock.Any()).Return(0, errDisk)
			},
			want: errDisk,
		},
		"an error of reading is returned": {
			actor: admin, call: archive,
			given: func(h harness) {
				lock(h, archived)
				h.batches.EXPECT().Batch(inside(), spring.ID).Return(domain.Batch{}, errDisk)
			},
			want: errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := tt.call(t, h, tt.actor)

			if got != tt.batch || !errors.Is(err, tt.want) {
				t.Errorf("got %+v, %v; want %+v, %v", got, err, tt.batch, tt.want)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}
