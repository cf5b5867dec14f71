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
	unlinked := func(c domain.Connection) domain.Connection {
		c.Unlink()
		return c
	}
	reconnected := byOAuth()
	reconnected.AccessToken, reconnected.RefreshToken = "access-9", "refresh-9"

	tests := map[string]struct {
		conn      domain.Connection
		respond   func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		refresh   func(*scenario) (domain.Grant, error)
		used      []domain.Secret // refresh tokens
		requested int
		saved     []domain.Connection
		audit     []domain.Action
		reason    domain.Reason
		ended     bool // whether the user has to reconnect
		fails     bool
	}{
		"an expiring token is refreshed before it is used": {
			conn: expiring, respond: acceptsToken("access-2"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 2, saved: []domain.Connection{refreshed("access-2", "refresh-2")},
		},
		"a rejected token is refreshed, and the request is retried": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 3, saved: []domain.Connection{refreshed("access-2", "refresh-2")},
		},
		"a grant without a refresh token keeps the old one": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshReturns(""), used: []domain.Secret{"refresh-1"},
			requested: 3, saved: []domain.Connection{refreshed("access-2", "refresh-1")},
		},
		"a new token that is rejected is reported to the user": {
			conn: byOAuth(), respond: acceptsToken("access-3"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 2, saved: []domain.Connection{refreshed("access-2", "refresh-2")},
			reason: domain.ReasonUnauthorized,
		},
		"a token that was refreshed early and is rejected is not refreshed again": {
			conn: expiring, respond: acceptsToken("access-3"), refresh: refreshReturns("refresh-2"), used: []domain.Secret{"refresh-1"},
			requested: 1, saved: []domain.Connection{refreshed("access-2", "refresh-2")},
			reason: domain.ReasonUnauthorized,
		},
		"a rejected token without a refresh token unlinks the connection": {
			conn: single, respond: acceptsToken("access-2"), requested: 1,
			saved: []domain.Connection{unlinked(single)}, audit: []domain.Action{domain.ActWakaTimeUnlink}, reason: domain.ReasonUnauthorized, ended: true,
		},
		"a rejected API key unlinks the connection": {
			conn: byKey(), respond: acceptsToken("key-2"), requested: 1,
			saved: []domain.Connection{unlinked(byKey())}, audit: []domain.Action{domain.ActWakaTimeUnlink}, reason: domain.ReasonUnauthorized, ended: true,
		},
		"an API key that may not read summaries stays connected": {
			conn: byKey(), respond: failsWith(domain.ReasonForbidden), requested: 1, reason: domain.ReasonForbidden,
		},
		"an API key for a server that is not allowed any more stays connected": {
			conn: byKey(), respond: failsWith(domain.ReasonNotAllowed), requested: 1, reason: domain.ReasonNotAllowed,
		},
		"a revoked grant unlinks the connection and ends the sync": {
			conn: byOAuth(), respond: acceptsToken("access-2"), refresh: refreshFails(domain.ReasonRevoked), used: []domain.Secret{"refresh-1"},
			requested: 1, saved: []domain.Connection{unlinked(byOAuth())}, audit: []domain.Action{domain.ActWakaTimeUnlink}, reason: domain.ReasonRevoked, ended: true,
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
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if (err != nil) != tt.fails || tt.fails && !isUpstream(err, tt.reason) {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.used, w.refreshedWith); diff != "" {
				t.Error("refreshed with", diff)
			}
			for i := range w.saved {
				w.saved[i].Checks = nil // not stored with the connection
			}
			if diff := cmp.Diff(tt.saved, w.saved); diff != "" {
				t.Error("saved", diff)
			}
			if len(w.requested) != tt.requested {
				t.Errorf("requested %v, want %d requests", w.requested, tt.requested)
			}
			if diff := cmp.Diff(tt.audit, actions(w.uow)); diff != "" {
				t.Error("recorded", diff)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != tt.reason || w.finished[0].Unfinished {
				t.Errorf("finished with %+v, want reason %q", w.finished, tt.reason)
			}
			if next := w.finished[0].Next; (next == nil) != tt.ended {
				t.Errorf("next sync at %v, ended %t", next, tt.ended)
			}
		})
	}
}

func TestSync_RecordsWhyAConnectionWasUnlinked(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		conn    domain.Connection
		refresh func(*scenario) (domain.Grant, error)
		want    map[string]any
	}{
		"an API key":   {byKey(), nil, map[string]any{"kind": domain.ConnectedByKey, "server": "", "account": "ada", "reason": domain.ReasonUnauthorized}},
		"OAuth tokens": {byOAuth(), refreshFails(domain.ReasonRevoked), map[string]any{"kind": domain.ConnectedByOAuth, "server": "", "account": "ada", "reason": domain.ReasonRevoked}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: tt.conn, tracked: enrolled(), respond: failsWith(domain.ReasonUnauthorized), refresh: tt.refresh}
			if err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand}); err != nil {
				t.Fatal(err)
			}
			want := []domain.Change{{Action: domain.ActWakaTimeUnlink, Subject: ada.String(), Details: tt.want}}
			if diff := cmp.Diff(want, w.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSync_RejectedKey(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		meanwhile func(*scenario)
		want      error
		reason    domain.Reason
	}{
		"a key that was replaced in the meantime is left to the next run": {
			func(w *scenario) { w.conn.AccessToken = "key-2" }, domain.ErrSyncUnfinished, domain.ReasonNone,
		},
		"a connection that was removed in the meantime is not restored": {
			func(w *scenario) { w.lockErr = domain.ErrConnectionNotFound }, domain.ErrConnectionNotFound, domain.ReasonNone,
		},
		"a connection that cannot be saved is left to the next run": {
			func(w *scenario) { w.saveErr = errDatabase }, errDatabase, domain.ReasonNone,
		},
		"a connection that cannot be decrypted any more is reported": {
			func(w *scenario) { w.lockErr = domain.ErrTokenUnreadable }, domain.ErrTokenUnreadable, domain.ReasonUnreadable,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byKey(), tracked: enrolled(), missing: run(today-3, today)}
			w.respond = func(w *scenario, _ domain.Credential, _ domain.DayRange) (domain.FetchedDays, error) {
				tt.meanwhile(w)
				return domain.FetchedDays{}, upstream(domain.ReasonUnauthorized)
			}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if !errors.Is(err, tt.want) || len(w.saved) > 0 || len(w.attempts) > 0 || len(w.uow.Changes) > 0 {
				t.Errorf("Sync: got error %v, want %v; saved %d, failed attempts %v, recorded %v", err, tt.want, len(w.saved), w.attempts, w.uow.Changes)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != tt.reason || w.finished[0].Next == nil {
				t.Errorf("finished with %+v", w.finished)
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
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

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
	err := w.syncer(t).Sync(ctx, domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

	if !errors.Is(err, context.Canceled) || w.conn.RefreshToken != "refresh-2" || len(w.attempts) > 0 {
		t.Errorf("Sync: got error %v, saved %d, failed attempts %v", err, len(w.saved), w.attempts)
	}
}

func isUpstream(err error, r domain.Reason) bool {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	return ok && up.Reason == r
}
