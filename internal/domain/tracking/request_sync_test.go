package tracking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestRequestSync(t *testing.T) {
	t.Parallel()

	unlinked, ended := enrolled(), enrolled()
	unlinked.Connection, ended.Connection = domain.NotConnected, domain.NeedsReconnect
	lastWeek := domain.SyncRequest{Scope: domain.SyncOnDemand}
	week := domain.DayQuery{From: new(today - 20), To: new(today - 14)}
	tests := map[string]struct {
		actor    domain.Actor
		tracked  domain.TrackedUser
		err      error
		query    domain.DayQuery
		enqueued *domain.SyncRequest
		fails    error // of enqueueing
		want     error
		details  map[string]any
	}{
		"a student can sync their own days":     {actor: asAda, tracked: enrolled(), enqueued: &lastWeek},
		"an instructor can sync their students": {actor: asTeacher, tracked: enrolled(), enqueued: &lastWeek},
		"an admin can sync any user":            {actor: asAdmin, tracked: enrolled(), enqueued: &lastWeek},
		"a range can be synced": {
			actor: asTeacher, tracked: enrolled(), query: week,
			enqueued: &domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: today - 20, To: today - 14}},
			details:  map[string]any{"from": "2026-11-04", "to": "2026-11-10"},
		},
		"a reversed range is rejected":                      {actor: asAda, tracked: enrolled(), query: domain.DayQuery{From: week.To, To: week.From}, want: domain.ErrInvalid},
		"a range of more than 366 days is rejected":         {actor: asAda, tracked: enrolled(), query: domain.DayQuery{From: new(today - 366)}, want: domain.ErrInvalid},
		"an instructor of another batch does not find them": {actor: asOther, tracked: enrolled(), want: domain.ErrStudentNotFound},
		"another student does not find them":                {actor: asStudent, tracked: enrolled(), want: domain.ErrStudentNotFound},
		"an unknown user is not found":                      {actor: asAdmin, err: domain.ErrUserNotFound, want: domain.ErrStudentNotFound},
		"a user without a connection is rejected":           {actor: asAda, tracked: unlinked, want: domain.ErrWakaTimeNotConnected},
		"a user whose connection has ended is rejected":     {actor: asAda, tracked: ended, want: domain.ErrWakaTimeNotConnected},
		"an error is returned":                              {actor: asAda, tracked: enrolled(), enqueued: &lastWeek, fails: errDatabase, want: errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			d.days.EXPECT().TrackedUser(inside(), ada, now).Return(tt.tracked, tt.err)
			if tt.enqueued != nil {
				d.jobs.EXPECT().EnqueueSync(inside(), ada, *tt.enqueued, time.Time{}).Return(tt.fails)
			}

			err := d.RequestSync(t.Context(), tt.actor, ada, tt.query)

			if !errors.Is(err, tt.want) {
				t.Fatalf("RequestSync: got error %v, want %v", err, tt.want)
			}
			var want []domain.Change
			if err == nil {
				want = []domain.Change{{Action: domain.ActTrackingSync, Subject: ada.String(), Details: tt.details}}
			}
			if diff := cmp.Diff(want, d.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}
