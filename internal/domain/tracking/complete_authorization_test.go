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
	consumes := func(d deps, a domain.Authorization) {
		d.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state")).Return(a, nil)
	}
	exchanges := func(d deps) {
		consumes(d, started)
		d.wakatime.EXPECT().Exchange(gomock.Any(), domain.Secret("code"), domain.Secret("verifier")).Return(grant, nil)
	}
	verifies := func(d deps) {
		exchanges(d)
		d.wakatime.EXPECT().Account(gomock.Any(), domain.Credential{User: ada, Kind: domain.ConnectedByOAuth, Token: "access-2"}).Return(account, nil)
	}
	revokes := func(d deps, token domain.Secret) {
		d.wakatime.EXPECT().Revoke(gomock.Any(), token).Return(upstream(domain.ReasonUnavailable)) // which must not matter
	}
	want := domain.Connection{
		User: ada, Kind: domain.ConnectedByOAuth, State: domain.Connected, AccessToken: "access-2", RefreshToken: "refresh-2",
		ExpiresAt: &grant.ExpiresAt, Scopes: grant.Scopes, Account: account, ConnectedAt: now,
	}
	saves := func(d deps, old domain.Connection, err error) {
		verifies(d)
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
		"the first connection is saved and its first sync enqueued": {
			actor: asAda,
			given: func(d deps) { saves(d, domain.Connection{}, domain.ErrConnectionNotFound) },
		},
		"a new connection replaces the old one and revokes its tokens": {
			actor: asAda,
			given: func(d deps) {
				saves(d, byOAuth(), nil)
				revokes(d, "refresh-1")
			},
		},
		"a replaced API key is not revoked": {
			actor: asAda,
			given: func(d deps) { saves(d, byKey(), nil) },
		},
		"an old connection that cannot be decrypted is replaced": {
			actor: asAda,
			given: func(d deps) {
				old := byOAuth()
				old.AccessToken, old.RefreshToken = "", ""
				saves(d, old, domain.ErrTokenUnreadable)
			},
		},
		"an unknown state is rejected without a request to WakaTime": {
			actor: asAda,
			given: func(d deps) {
				d.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state")).Return(domain.Authorization{}, domain.ErrWakaTimeStateInvalid)
			},
			want: domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"an error of consuming the state is returned": {
			actor: asAda,
			given: func(d deps) {
				d.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), gomock.Any()).Return(domain.Authorization{}, errDatabase)
			},
			want: errDatabase,
		},
		"another user's state is rejected": {
			actor: asStudent,
			given: func(d deps) { consumes(d, started) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"another session's state is rejected": {
			actor: domain.Actor{UserID: ada, Role: domain.RoleStudent, SessionID: domain.SessionID{9}},
			given: func(d deps) { consumes(d, started) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"an expired state is rejected": {
			actor: asAda,
			given: func(d deps) { consumes(d, domain.Authorization{User: ada, Session: session, ExpiresAt: now}) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"a code that WakaTime rejects is reported to the user": {
			actor: asAda,
			given: func(d deps) {
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonRevoked))
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
		},
		"a client that WakaTime rejects is a misconfiguration": {
			actor: asAda,
			given: func(d deps) {
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonMisconfig))
			},
			want: domain.ErrWakaTimeNotConfigured,
		},
		"an outage is reported as temporary": {
			actor: asAda,
			given: func(d deps) {
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonUnavailable))
			},
			want: domain.ErrWakaTimeUnavailable,
		},
		"the tokens are revoked if the account cannot be fetched": {
			actor: asAda,
			given: func(d deps) {
				exchanges(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonUnavailable))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeUnavailable,
		},
		"a grant without the required scopes is reported to the user": {
			actor: asAda,
			given: func(d deps) {
				exchanges(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonMissingScope))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
		},
		"an account that another user has connected is rejected": {
			actor: asAda,
			given: func(d deps) {
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), gomock.Any()).Return(domain.ErrWakaTimeAccountTaken)
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeAccountTaken,
		},
		"an error of saving is returned": {
			actor: asAda,
			given: func(d deps) {
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"an error of enqueuing the sync is returned": {
			actor: asAda,
			given: func(d deps) {
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), want).Return(nil)
				d.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, domain.SyncOnDemand, time.Time{}).Return(errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"a caller who is not signed in is rejected": {actor: asAnyone, given: func(deps) {}, want: domain.ErrForbidden},
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
				hasField(t, err, tt.field)
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
	d.authorizations.EXPECT().RemoveExpiredAuthorizations(gomock.Any(), now).Return(3, nil)
	if n, err := d.RemoveExpiredAuthorizations(t.Context()); n != 3 || err != nil {
		t.Errorf("RemoveExpiredAuthorizations = %d, %v", n, err)
	}
}
