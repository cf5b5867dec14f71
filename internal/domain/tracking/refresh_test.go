package tracking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSync_RefreshesTokens(t *testing.T) {
	t.Parallel()

	expiring := byOAuth()
	expiring.ExpiresAt = new(now.Add(4 * time.Minute))
	single := byOAuth()
	single.RefreshToken = ""
	refreshed := func(access, refresh domain.Secret) domain.Connection {
		c := byOAuth()
		c.AccessToken, c.RefreshToken, c.ExpiresAt = access, refresh, new(now.Add(24*time.Hour))
		return c
	}
	unlinked := byOAuth()
	unlinked.Unlink()
	reconnected := byOAuth()
	reconnected.AccessToken, reconnected.RefreshToken = "access-9", "refresh-9"

	tests := map[string]struct {
		conn      domain.Connection
		respond   func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		refresh   func(*scenario) (domain.Grant, error)
		used      []domain.Secret // refresh tokens
		requested int
		saved     []domain.Connection
		audit     []domain.Action // except for stored days
		reason    domain.Reason
		fails     bool
	}{
		"an expiring token is refreshed before it is used": {
			conn: expiring, respond: acceptsToken("access-2"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 2, saved: []domain.Connection{refreshed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"a rejected token is refreshed, and the request is retried": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 3, saved: []domain.Connection{refreshed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"a grant without a refresh token keeps the old one": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshReturns(""), used: []domain.Secret{"refresh-1"},
			requested: 3, saved: []domain.Connection{refreshed("access-2", "refresh-1")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
		},
		"a new token that is rejected is reported to the user": {
			conn: byOAuth(), respond: acceptsToken("access-3"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 2, saved: []domain.Connection{refreshed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
			reason: domain.ReasonUnauthorized,
		},
		"a token that was refreshed early and is rejected is not refreshed again": {
			conn: expiring, respond: acceptsToken("access-3"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 1, saved: []domain.Connection{refreshed("access-2", "refresh-2")}, audit: []domain.Action{domain.ActWakaTimeRefresh},
			reason: domain.ReasonUnauthorized,
		},
		"a connection without a refresh token cannot be refreshed": {
			conn: single, respond: acceptsToken("access-2"), requested: 1, reason: domain.ReasonUnauthorized,
		},
		"a revoked grant unlinks the connection and ends the sync": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshFails(domain.ReasonRevoked), used: []domain.Secret{"refresh-1"},
			requested: 1, saved: []domain.Connection{unlinked}, audit: []domain.Action{domain.ActWakaTimeUnlink}, reason: domain.ReasonRevoked,
		},
		"a misconfigured client does not unlink the connection": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshFails(domain.ReasonMisconfig), used: []domain.Secret{"refresh-1"},
			requested: 1, reason: domain.ReasonMisconfig, fails: true,
		},
		"an unavailable token endpoint does not unlink the connection": {
			conn: expiring, refresh: refreshFails(domain.ReasonUnavailable), used: []domain.Secret{"refresh-1"}, reason: domain.ReasonUnavailable, fails: true,
		},
		"the tokens of a user who reconnected during the refresh are kept": {
			conn: byOAuth(), respond: acceptsToken("access-9"), used: []domain.Secret{"refresh-1"}, requested: 3,
			refresh: func(w *scenario) (domain.Grant, error) {
				w.conn = reconnected
				return domain.Grant{AccessToken: "access-2", RefreshToken: "refresh-2"}, nil
			},
		},
		"a user who reconnected is not unlinked because of the old tokens": {
			conn: byOAuth(), respond: acceptsToken("access-9"), used: []domain.Secret{"refresh-1"}, requested: 3,
			refresh: func(w *scenario) (domain.Grant, error) {
				w.conn = reconnected
				return domain.Grant{}, upstream(domain.ReasonRevoked)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: tt.conn, tracked: enrolled(), missing: run(today-20, today), respond: tt.respond, refresh: tt.refresh}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if (err != nil) != tt.fails || tt.fails && !isUpstream(err, tt.reason) {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.used, w.refreshedWith); diff != "" {
				t.Error("refreshed with", diff)
			}
			if diff := cmp.Diff(tt.saved, w.saved); diff != "" {
				t.Error("saved", diff)
			}
			if len(w.requested) != tt.requested {
				t.Errorf("requested %v, want %d requests", w.requested, tt.requested)
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
				t.Errorf("next sync at %v", next)
			}
		})
	}
}

func TestSync_CannotSaveRefreshedTokens(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		refresh func(*scenario) (domain.Grant, error)
		want    error
	}{
		"the connection of another account is left to the next run": {func(w *scenario) (domain.Grant, error) {
			w.conn.RefreshToken, w.conn.Account.ID = "refresh-9", "another account"
			return domain.Grant{AccessToken: "access-2"}, nil
		}, domain.ErrSyncUnfinished},
		"a connection that was removed is not restored": {func(w *scenario) (domain.Grant, error) {
			w.lockErr = domain.ErrConnectionNotFound
			return domain.Grant{AccessToken: "access-2"}, nil
		}, domain.ErrConnectionNotFound},
		"an error is returned": {func(w *scenario) (domain.Grant, error) {
			w.saveErr = errDatabase
			return domain.Grant{AccessToken: "access-2"}, nil
		}, errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byOAuth(), tracked: enrolled(), respond: acceptsToken("access-2"), refresh: tt.refresh}
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

func TestSync_SavesRefreshedTokensWhenInterrupted(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	w := &scenario{conn: byOAuth(), tracked: enrolled(), respond: acceptsToken("access-3"), refresh: func(w *scenario) (domain.Grant, error) {
		cancel()
		return refreshReturns("refresh-2")(w)
	}}
	err := w.syncer(t).Sync(ctx, domain.System, ada, domain.SyncOnDemand)

	if !errors.Is(err, context.Canceled) || w.conn.RefreshToken != "refresh-2" || len(w.attempts) > 0 {
		t.Errorf("Sync: got error %v, saved %d, failed attempts %v", err, len(w.saved), w.attempts)
	}
}

func isUpstream(err error, r domain.Reason) bool {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	return ok && up.Reason == r
}
