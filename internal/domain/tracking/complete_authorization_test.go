package tracking_test

import (
	"errors"
	"strings"
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
	upstreamAccount := domain.WakaTimeAccount{Server: "api.wakatime.com", ID: "acc", Username: "ada"}
	consumes := func(d deps, a domain.Authorization) {
		d.authorizations.EXPECT().ConsumeAuthorization(inside(), hash("state"), hash("code"), now).Return(a, nil)
	}
	completes := func(d deps, result *domain.Error) {
		d.authorizations.EXPECT().CompleteAuthorization(outside(), hash("state"), now, sameError(result)).Return(nil)
	}
	exchanges := func(d deps) {
		consumes(d, started)
		d.wakatime.EXPECT().Exchange(gomock.Any(), domain.Secret("code"), domain.Secret("verifier")).Return(grant, nil)
	}
	verifies := func(d deps) {
		exchanges(d)
		d.wakatime.EXPECT().Account(gomock.Any(), domain.Credential{User: ada, Kind: domain.ConnectedByOAuth, Token: "access-2"}).Return(upstreamAccount, nil)
	}
	revokes := func(d deps, token domain.Secret) {
		d.wakatime.EXPECT().Revoke(gomock.Any(), token).Return(upstream(domain.ReasonUnavailable)) // which must not matter
	}
	want := domain.Connection{
		User: ada, Kind: domain.ConnectedByOAuth, State: domain.Connected, AccessToken: "access-2", RefreshToken: "refresh-2",
		ExpiresAt: &grant.ExpiresAt, Scopes: grant.Scopes, Account: upstreamAccount, ConnectedAt: now,
	}
	report := domain.ConnectionReport{Connection: want, Coverage: domain.Coverage{Expected: 3}}
	saves := func(d deps, old domain.Connection, err error) {
		verifies(d)
		calls := []any{
			d.connections.EXPECT().LockConnection(inside(), ada).Return(old, err).Call,
			d.connections.EXPECT().SaveConnection(inside(), want, account).Return(nil).Call,
		}
		if old.Account.ID != want.Account.ID || old.BaseURL != "" {
			calls = append(calls, d.accounts.EXPECT().SetAsideDays(inside(), ada, now).Return(nil).Call)
		}
		calls = append(calls,
			d.jobs.EXPECT().EnqueueSync(inside(), ada, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}).Return(nil).Call,
			d.authorizations.EXPECT().CompleteAuthorization(outside(), hash("state"), now, nil).Return(nil).Call,
			d.connections.EXPECT().ConnectionReport(outside(), ada, now).Return(report, nil).Call,
		)
		gomock.InOrder(calls...)
	}
	another := byOAuth()
	another.Account = domain.WakaTimeAccount{Server: "api.wakatime.com", ID: "old", Username: "ada-old"}
	tests := map[string]struct {
		actor domain.Actor
		given func(deps)
		want  error
		field string
		text  string // in the error
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
		"the days of another account are set aside": {
			actor: asAda,
			given: func(d deps) {
				saves(d, another, nil)
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
				d.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state"), gomock.Any(), gomock.Any()).Return(domain.Authorization{}, domain.ErrWakaTimeStateInvalid)
			},
			want: domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"an error of consuming the state is returned": {
			actor: asAda,
			given: func(d deps) {
				d.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Authorization{}, errDatabase)
			},
			want: errDatabase,
		},
		"another user's state is rejected": {
			actor: asStudent,
			given: func(d deps) { consumes(d, started); completes(d, domain.ErrWakaTimeStateInvalid) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"another session's state is rejected": {
			actor: domain.Actor{UserID: ada, Role: domain.RoleStudent, SessionID: domain.SessionID{9}},
			given: func(d deps) { consumes(d, started); completes(d, domain.ErrWakaTimeStateInvalid) },
			want:  domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"an expired state is rejected": {
			actor: asAda,
			given: func(d deps) {
				consumes(d, domain.Authorization{User: ada, Session: session, ExpiresAt: now})
				completes(d, domain.ErrWakaTimeStateInvalid)
			},
			want: domain.ErrWakaTimeStateInvalid, field: "state",
		},
		"a code that WakaTime rejects is reported to the user": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeCodeRejected)
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonRevoked))
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
			text: "WakaTime rejected the authorization code",
		},
		"a client that WakaTime rejects is a misconfiguration": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeNotConfigured)
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonMisconfig))
			},
			want: domain.ErrWakaTimeNotConfigured,
		},
		"an outage is reported as temporary": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeUnavailable)
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonUnavailable))
			},
			want: domain.ErrWakaTimeUnavailable,
			text: "WakaTime is not responding",
		},
		"the tokens are revoked if the account cannot be fetched": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeUnavailable)
				exchanges(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonUnavailable))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeUnavailable,
		},
		"a grant without the required scopes is reported to the user": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeCodeRejected)
				exchanges(d)
				d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{}, upstream(domain.ReasonMissingScope))
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
			text: "WakaTime lacks a permission",
		},
		"an account that another user has connected is rejected": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeAccountTaken)
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.ErrWakaTimeAccountTaken)
				revokes(d, "refresh-2")
			},
			want: domain.ErrWakaTimeAccountTaken,
			text: "This WakaTime account is connected to another",
		},
		"an error of saving is returned": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeStateInvalid)
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"an error of enqueuing the sync is returned": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeStateInvalid)
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), want, gomock.Any()).Return(nil)
				d.accounts.EXPECT().SetAsideDays(gomock.Any(), ada, now).Return(nil)
				d.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, gomock.Any(), gomock.Any()).Return(errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"an error of setting days aside is returned": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrWakaTimeStateInvalid)
				verifies(d)
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(gomock.Any(), want, gomock.Any()).Return(nil)
				d.accounts.EXPECT().SetAsideDays(gomock.Any(), ada, now).Return(errDatabase)
				revokes(d, "refresh-2")
			},
			want: errDatabase,
		},
		"an error of recording the result does not hide the result": {
			actor: asAda,
			given: func(d deps) {
				consumes(d, started)
				d.wakatime.EXPECT().Exchange(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Grant{}, upstream(domain.ReasonRevoked))
				d.authorizations.EXPECT().CompleteAuthorization(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(errDatabase)
			},
			want: domain.ErrWakaTimeCodeRejected, field: "code",
		},
		"the tokens are revoked if the session ends during the exchange": {
			actor: asAda,
			given: func(d deps) {
				completes(d, domain.ErrUnauthenticated)
				verifies(d)
				revokes(d, "refresh-2")
				began := 0
				d.uow.Current = func(a domain.Actor) (domain.Actor, error) {
					if began++; began > 1 {
						return domain.Actor{}, domain.ErrUnauthenticated
					}
					return a, nil
				}
			},
			want: domain.ErrUnauthenticated,
		},
		"a caller whose session has ended consumes nothing": {
			actor: asAda,
			given: func(d deps) {
				d.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, domain.ErrUnauthenticated }
			},
			want: domain.ErrUnauthenticated,
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
				if !strings.Contains(err.Error(), tt.text) {
					t.Errorf("error %v, want %q in it", err, tt.text)
				}
				if len(d.uow.Changes) > 0 {
					t.Errorf("recorded %v", d.uow.Changes)
				}
				return
			}
			if diff := cmp.Diff(report, got); diff != "" {
				t.Error(diff)
			}
			wantChange := []domain.Change{{Action: domain.ActWakaTimeConnect, Subject: ada.String(), Details: map[string]any{
				"kind": domain.ConnectedByOAuth, "server": "api.wakatime.com", "account": "ada", "scopes": []string{"email"},
			}}}
			if diff := cmp.Diff(wantChange, d.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sameError matches an error with the code of want.
func sameError(want *domain.Error) gomock.Matcher {
	return gomock.Cond(func(got *domain.Error) bool { return got != nil && errors.Is(got, want) })
}

func TestRemoveExpiredAuthorizations(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.authorizations.EXPECT().RemoveExpiredAuthorizations(gomock.Any(), now).Return(3, nil)
	if n, err := d.RemoveExpiredAuthorizations(t.Context()); n != 3 || err != nil {
		t.Errorf("RemoveExpiredAuthorizations = %d, %v", n, err)
	}
}
