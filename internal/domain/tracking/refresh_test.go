package tracking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSyncRenewsTokens(t *testing.T) {
	t.Parallel()

	expiring := linked()
	expiring.ExpiresAt = new(now.Add(4 * time.Minute))
	lonely := linked()
	lonely.RefreshToken = ""
	renewed := func(access, refresh domain.Secret) domain.Connection {
		c := linked()
		c.AccessToken, c.RefreshToken, c.ExpiresAt = access, refresh, new(now.Add(24*time.Hour))
		return c
	}
	unlinked := linked()
	unlinked.Unlink()
	anew := linked()
	anew.AccessToken, anew.RefreshToken = "access-9", "refresh-9"

	tests := map[string]struct {
		conn    domain.Connection
		answer  func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		refresh func(*world) (domain.Grant, error)
		used    []domain.Secret // refresh tokens
		asked   int
		saved   []domain.Connection
		audit   []domain.Action // but for what is stored
		reason  domain.Reason
		fails   bool
	}{
		"an expiring token is renewed before it is used": {
			conn: expiring, answer: knows("access-2"), refresh: grants("refresh-2"), used: []domain.Secret{"refresh-1"},
			asked: 2, saved: []domain.Connection{renewed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"a token that is refused is renewed, and the question asked again": {
			conn: linked(), answer: knows("access-2"), refresh: grants("refresh-2"), used: []domain.Secret{"refresh-1"},
			asked: 3, saved: []domain.Connection{renewed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"an old refresh token stays good when no new one comes": {
			conn: linked(), answer: knows("access-2"), refresh: grants(""), used: []domain.Secret{"refresh-1"},
			asked: 3, saved: []domain.Connection{renewed("access-2", "refresh-1")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"a token that is refused although it is fresh is the user's to mend": {
			conn: linked(), answer: knows("access-3"), refresh: grants("refresh-2"), used: []domain.Secret{"refresh-1"},
			asked: 2, saved: []domain.Connection{renewed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
			reason: domain.ReasonUnauthorized,
		},
		"a token that was renewed early and is refused is not renewed twice": {
			conn: expiring, answer: knows("access-3"), refresh: grants("refresh-2"), used: []domain.Secret{"refresh-1"},
			asked: 1, saved: []domain.Connection{renewed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
			reason: domain.ReasonUnauthorized,
		},
		"a grant without a refresh token cannot be renewed": {
			conn: lonely, answer: knows("access-2"), asked: 1, reason: domain.ReasonUnauthorized,
		},
		"a revoked grant unlinks this connection and stops": {
			conn: linked(), answer: knows("access-2"), refresh: denies(domain.ReasonRevoked), used: []domain.Secret{"refresh-1"},
			asked: 1, saved: []domain.Connection{unlinked}, audit: []domain.Action{domain.ActWakaTimeUnlink}, reason: domain.ReasonRevoked,
		},
		"a misconfigured client unlinks nobody": {
			conn: linked(), answer: knows("access-2"), refresh: denies(domain.ReasonMisconfig), used: []domain.Secret{"refresh-1"},
			asked: 1, reason: domain.ReasonMisconfig, fails: true,
		},
		"a token endpoint that is down unlinks nobody": {
			conn: expiring, refresh: denies(domain.ReasonUnavailable), used: []domain.Secret{"refresh-1"}, reason: domain.ReasonUnavailable, fails: true,
		},
		"who connected anew while tokens were renewed keeps the new ones": {
			conn: linked(), answer: knows("access-9"), used: []domain.Secret{"refresh-1"}, asked: 3,
			refresh: func(w *world) (domain.Grant, error) {
				w.conn = anew
				return domain.Grant{AccessToken: "access-2", RefreshToken: "refresh-2"}, nil
			},
		},
		"who connected anew is not unlinked for the old tokens": {
			conn: linked(), answer: knows("access-9"), used: []domain.Secret{"refresh-1"}, asked: 3,
			refresh: func(w *world) (domain.Grant, error) {
				w.conn = anew
				return domain.Grant{}, upstream(domain.ReasonRevoked)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: tt.conn, tracked: enrolled(), missing: run(today-20, today), answer: tt.answer, refresh: tt.refresh}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if (err != nil) != tt.fails || tt.fails && !isUpstream(err, tt.reason) {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.used, w.refused); diff != "" {
				t.Error("refreshed with", diff)
			}
			if diff := cmp.Diff(tt.saved, w.saved); diff != "" {
				t.Error("saved", diff)
			}
			if len(w.asked) != tt.asked {
				t.Errorf("asked %v, want %d questions", w.asked, tt.asked)
			}
			var audit []domain.Action
			for _, a := range actions(w.uow) {
				if a != domain.ActTrackingRecord {
					audit = append(audit, a)
				}
			}
			if diff := cmp.Diff(tt.audit, audit); diff != "" {
				t.Error("recorded", diff)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != tt.reason || w.finished[0].Unfinished {
				t.Errorf("finished with %+v, want reason %q", w.finished, tt.reason)
			}
			if next := w.finished[0].Next; (next == nil) != (tt.reason == domain.ReasonRevoked) {
				t.Errorf("comes again at %v", next)
			}
		})
	}
}

func TestSyncThatCannotKeepRenewedTokens(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		refresh func(*world) (domain.Grant, error)
		want    error
	}{
		"another account's connection is for the next run": {func(w *world) (domain.Grant, error) {
			w.conn.RefreshToken, w.conn.Account.ID = "refresh-9", "somebody else"
			return domain.Grant{AccessToken: "access-2"}, nil
		}, domain.ErrSyncUnfinished},
		"a connection that is gone stays gone": {func(w *world) (domain.Grant, error) {
			w.lockErr = domain.ErrConnectionNotFound
			return domain.Grant{AccessToken: "access-2"}, nil
		}, domain.ErrConnectionNotFound},
		"a fault is a fault": {func(w *world) (domain.Grant, error) {
			w.saveErr = errDatabase
			return domain.Grant{AccessToken: "access-2"}, nil
		}, errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: linked(), tracked: enrolled(), answer: knows("access-2"), refresh: tt.refresh}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if !errors.Is(err, tt.want) || len(w.stored) > 0 || len(w.attempts) > 0 || len(w.uow.Changes) > 0 {
				t.Errorf("Sync: got error %v, want %v; recorded %v", err, tt.want, w.uow.Changes)
			}
			if len(w.finished) != 1 || !w.finished[0].Unfinished {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestRenewedTokensAreSavedEvenWhenTheSyncIsStopped(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	w := &world{conn: linked(), tracked: enrolled(), answer: knows("access-3"), refresh: func(w *world) (domain.Grant, error) {
		cancel()
		return grants("refresh-2")(w)
	}}
	err := w.syncer(t).Sync(ctx, domain.System, ada, domain.SyncOnDemand)

	if !errors.Is(err, context.Canceled) || w.conn.RefreshToken != "refresh-2" || len(w.attempts) > 0 {
		t.Errorf("Sync: got error %v, saved %d, noted %v", err, len(w.saved), w.attempts)
	}
}

func isUpstream(err error, r domain.Reason) bool {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	return ok && up.Reason == r
}
