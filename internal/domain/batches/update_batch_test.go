package batches_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestChangesOfBatches(t *testing.T) {
	t.Parallel()

	edit := func(e domain.BatchUpdate) func(*testing.T, house, domain.Actor) (domain.Batch, error) {
		return func(t *testing.T, h house, a domain.Actor) (domain.Batch, error) {
			t.Helper()
			return h.UpdateBatch(t.Context(), a, spring.ID, e, nil)
		}
	}
	archive := func(t *testing.T, h house, a domain.Actor) (domain.Batch, error) {
		t.Helper()
		return h.ArchiveBatch(t.Context(), a, spring.ID, nil)
	}
	reopen := func(t *testing.T, h house, a domain.Actor) (domain.Batch, error) {
		t.Helper()
		return h.RestoreBatch(t.Context(), a, spring.ID, nil)
	}
	var (
		archived = with(spring, func(b *domain.Batch) { b.ArchivedAt = &noon })
		reread   = with(spring, func(b *domain.Batch) { b.Students, b.Version = 12, 2 })
		all      = domain.BatchUpdate{
			Name: new("Autumn"), Description: new("Go"), TimeZone: new("America/Chicago"), WeeklyGoal: new(new(3600)),
			StartsOn: new(domain.NewDay(2026, time.September, 1)), EndsOn: new(domain.NewDay(2026, time.December, 1)),
		}
	)
	lock := func(h house, b domain.Batch) *gomock.Call {
		return h.batches.EXPECT().LockBatch(inside(), spring.ID).Return(b, nil).Call
	}
	saves := func(h house, want func(domain.Batch) bool) *gomock.Call {
		return h.batches.EXPECT().SaveBatch(inside(), gomock.Cond(want)).Return(nil).Call
	}
	reads := func(h house) *gomock.Call {
		return h.batches.EXPECT().Batch(inside(), spring.ID).Return(reread, nil).Call
	}
	renamed := func(b domain.Batch) bool { return b.Name == "Autumn" && b.ID == spring.ID }

	tests := map[string]struct {
		actor domain.Actor
		call  func(*testing.T, house, domain.Actor) (domain.Batch, error)
		given func(house)
		batch domain.Batch
		want  error
		audit []domain.Change
	}{
		"an instructor renames their batch and gets its counts": {
			actor: teacher, call: edit(domain.BatchUpdate{Name: new("Autumn")}),
			given: func(h house) { gomock.InOrder(lock(h, spring), saves(h, renamed), reads(h)) },
			batch: reread,
			audit: []domain.Change{{
				Action: domain.ActBatchEdit, Subject: spring.ID.String(),
				Details: map[string]any{"name": map[string]any{"from": "Spring", "to": "Autumn"}},
			}},
		},
		"every field is told from what to what": {
			actor: admin, call: edit(all),
			given: func(h house) {
				lock(h, spring)
				saves(h, renamed)
				// Their days are cut in the zone that was left.
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return([]domain.UserID{{1}, {2}}, nil)
				h.jobs.EXPECT().EnqueueSyncs(inside(), []domain.PlannedSync{
					{User: domain.UserID{1}, Scope: domain.SyncOnDemand}, {User: domain.UserID{2}, Scope: domain.SyncOnDemand},
				}).Return(2, nil)
				reads(h)
			},
			batch: reread,
			audit: []domain.Change{{
				Action: domain.ActBatchEdit, Subject: spring.ID.String(),
				Details: map[string]any{
					"name":                map[string]any{"from": "Spring", "to": "Autumn"},
					"description":         "changed",
					"time_zone":           map[string]any{"from": domain.TimeZone("Asia/Kathmandu"), "to": domain.TimeZone("America/Chicago")},
					"starts_on":           map[string]any{"from": "2026-03-01", "to": "2026-09-01"},
					"ends_on":             map[string]any{"from": "2026-05-31", "to": "2026-12-01"},
					"weekly_goal_seconds": map[string]any{"from": nil, "to": 3600},
				},
			}},
		},
		"nothing new is neither stored nor recorded": {
			actor: admin, call: edit(domain.BatchUpdate{Name: new("Spring")}),
			given: func(h house) { lock(h, spring); reads(h) },
			batch: reread,
		},
		"dates in the wrong order are refused": {
			actor: admin, call: edit(domain.BatchUpdate{EndsOn: new(spring.StartsOn - 1)}),
			given: func(h house) { lock(h, spring) },
			want:  domain.ErrInvalid,
		},
		"an archived batch is not edited": {
			actor: admin, call: edit(domain.BatchUpdate{Name: new("Autumn")}),
			given: func(h house) { lock(h, archived) },
			want:  domain.ErrBatchArchived,
		},
		"an admin archives a batch": {
			actor: admin, call: archive,
			given: func(h house) {
				gomock.InOrder(lock(h, spring), saves(h, func(b domain.Batch) bool { return b.ArchivedAt.Equal(noon) }), reads(h))
			},
			batch: reread,
			audit: []domain.Change{{Action: domain.ActBatchArchive, Subject: spring.ID.String(), Details: map[string]any{}}},
		},
		"a batch is archived once": {
			actor: admin, call: archive,
			given: func(h house) { lock(h, archived); reads(h) },
			batch: reread,
		},
		"an admin reopens a batch": {
			actor: admin, call: reopen,
			given: func(h house) {
				gomock.InOrder(lock(h, archived), saves(h, func(b domain.Batch) bool { return b.ArchivedAt == nil }), reads(h))
			},
			batch: reread,
			audit: []domain.Change{{Action: domain.ActBatchRestore, Subject: spring.ID.String(), Details: map[string]any{}}},
		},
		"an unknown batch is told": {
			actor: admin, call: reopen,
			given: func(h house) {
				h.batches.EXPECT().LockBatch(inside(), spring.ID).Return(domain.Batch{}, domain.ErrBatchNotFound)
			},
			want: domain.ErrBatchNotFound,
		},
		"a fault at storing is passed on": {
			actor: admin, call: archive,
			given: func(h house) { lock(h, spring); h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(errDisk) },
			want:  errDisk,
		},
		"a fault at listing students for a sync is passed on": {
			actor: admin, call: edit(domain.BatchUpdate{TimeZone: new("UTC")}),
			given: func(h house) {
				lock(h, spring)
				h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(nil)
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return(nil, errDisk)
			},
			want: errDisk,
		},
		"a fault at asking for syncs is passed on": {
			actor: admin, call: edit(domain.BatchUpdate{TimeZone: new("UTC")}),
			given: func(h house) {
				lock(h, spring)
				h.batches.EXPECT().SaveBatch(inside(), gomock.Any()).Return(nil)
				h.batches.EXPECT().ListEnrolled(inside(), spring.ID).Return([]domain.UserID{{1}, {2}}, nil)
				h.jobs.EXPECT().EnqueueSyncs(inside(), gomock.Any()).Return(0, errDisk)
			},
			want: errDisk,
		},
		"a fault at reading is passed on": {
			actor: admin, call: archive,
			given: func(h house) {
				lock(h, archived)
				h.batches.EXPECT().Batch(inside(), spring.ID).Return(domain.Batch{}, errDisk)
			},
			want: errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
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
