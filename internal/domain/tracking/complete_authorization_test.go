package tracking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestCompleteAuthorization(t *testing.T) {
	t.Parallel()

	started := domain.Authorization{User: ada, Session: session, Verifier: "verifier", ExpiresAt: now.Add(time.Minute)}
	grant := domain.Grant{AccessToken: "access-2", RefreshToken: "refresh-2", ExpiresAt: now.Add(time.Hour), Scopes: []string{"email"}}
	account := domain.WakaTimeAccount{ID: "acc", Username: "ada"}
	take := func(d deps, a domain.Authorization) {
		d.connections.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state")).Return(a, nil)
	}
	exchange := func(d deps) {
		take(d, started)
		d.wakatime.EXPECT().Exchange(gomock.Any(), domain.Secret("code"), domain.Secret("verifier")).Return(grant, nil)
	}
	verify := func(d deps) {
		exchange(d)
		d.wakatime.EXPECT().Account(gomock.Any(), domain.Credential{User: ada, Kind: domain.ConnectedByOAuth, Token: "access-2"}).Return(account, nil)
	}
	revokes := func(d deps, token domain.Secret) {
		d.wakatime.EXPECT().Revoke(gomock.Any(), token).Return(upstream(domain.ReasonUnavailable)) // which changes nothing
	}
	want := domain.Connection{
		User: ada, Kind: domain.ConnectedByOAuth, State: domain.Connected, AccessToken: "access-2", RefreshToken: "refresh-2",
		ExpiresAt: &grant.ExpiresAt, Scopes: grant.Scopes, Account: account, ConnectedAt: now,
	}
	stores := func(d deps, old domain.Connection, err error) {
		verify(d)
		d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(old, err)
		d.connections.EXPECT().SaveConnection(gomock.Any(), want).Return(nil)
		d.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, domain.SyncOnDemand, time.Time{}).Return(nil)
	}
	tests := map[string]struct {
		actor domain.Actor
		given func(deps)
		want  error
		field string
	}{
		"a first connection is stored and its first sync planned": {
			actor: asAda,
			given: func(d deps) { stores(d, domain.Connection{}, domain.ErrConnectionNotFound) },
		},
		"a new connection replaces the old one, whose tokens are revoked": {
			actor: asAda,
			given: func(d deps) {
				stores(d, linked(), nil)
				revokes(d, "refresh-1")
			},
		},
		"a key that is replaced cannot be revoked": {
			actor: asAda,
			given: func(d deps) { stores(d, keyed(), nil) },
		},
		"an old connection that cannot be read is replaced": {
			actor: asAda,
			given: func(d deps) {
				old := linked()
				old.AccessToken, old.RefreshToken = "", ""
				stores(d, old, domain.ErrTokenUnreadable)
			},
		},
		"an unknown state is refused before WakaTime is asked": {
			actor: asAda,
			given: func(d deps) {
				d.connections.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state")).Return(domain.Authorization{}, domain.ErrWakaTimeStateInvalid)
			},
			want: domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"a fault while the state is taken is a fault": {
			actor: asAda,
			given: func(d deps) {
				d.connections.EXPECT().ConsumeAuthorization(gomock.Any(), gomock.Any()).Return(domain.Authorization{}, errDatabase)
			},
			want: errDatabase,
		},
		"another user's state is refused": {
			actor: asStudent,
			given: func(d deps) { take(d, started) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"another session's state is refused": {
			actor: domain.Actor{UserID: ada, Role: domain.RoleStudent, SessionID: domain.SessionID{9}},
			given: func(d deps) { take(d, started) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"an expired state is refused": {
			actor: asAda,
			given: func(d deps) { take(d, domain.Authorization{User: ada, Session: session, ExpiresAt: now}) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"a code that WakaTime refuses is the user's to mend": {
			actor: asAda,
			given: func(d deps) {
				take(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonRevoked))
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
		},
		"a client that WakaTime refuses is the operator's to mend": {
			actor: asAda,
			given: func(d deps) {
				take(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonMisconfig))
			},
			want: domain.ErrWakaTimeNotConfigured,
		},
		"an outage is for later": {
			actor: asAda,
			given: func(d deps) {
				take(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonUnavailable))
			},
			want: domain.ErrWakaTimeUnavailable,
		},
		"tokens of an account that cannot be asked for are revoked": {
			actor: asAda,
			given: func(d deps) {
				exchange(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonUnavailable))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeUnavailable,
		},
		"too narrow a grant is the user's to mend": {
			actor: asAda,
			given: func(d deps) {
				exchange(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonMissingScope))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
		},
		"an account that another user has connected stays theirs": {
			actor: asAda,
			given: func(d deps) {
				verify(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), gomock.Any()).Return(domain.ErrWakaTimeAccountTaken)
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeAccountTaken,
		},
		"a fault while it is stored is a fault": {
			actor: asAda,
			given: func(d deps) {
				verify(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"a sync that cannot be planned leaves nothing behind": {
			actor: asAda,
			given: func(d deps) {
				verify(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), want).Return(nil)
				d.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, domain.SyncOnDemand, time.Time{}).Return(errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"who is not signed in may not": {actor: asAnyone, given: func(deps) {}, want: domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			tt.given(d)

			got, err := d.CompleteAuthorization(t.Context(), tt.actor, "code", "state")

			if !errors.Is(err, tt.want) {
				t.Fatalf("CompleteAuthorization: got error %v, want %v", err, tt.want)
			}
			if err != nil {
				pointsAt(t, err, tt.field)
				if len(d.uow.Changes) > 0 {
					t.Errorf("recorded %v", d.uow.Changes)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			wantChange := []domain.Change{{Action: domain.ActWakaTimeConnect, Subject: ada.String(), Details: map[string]any{
				"kind": domain.ConnectedByOAuth, "account": "ada", "scopes": []string{"email"},
			}}}
			if diff := cmp.Diff(wantChange, d.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemoveExpiredAuthorizations(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.connections.EXPECT().RemoveExpiredAuthorizations(gomock.Any(), now).Return(3, nil)
	if n, err := d.RemoveExpiredAuthorizations(t.Context(), domain.System); n != 3 || err != nil {
		t.Errorf("RemoveExpiredAuthorizations = %d, %v", n, err)
	}
}
