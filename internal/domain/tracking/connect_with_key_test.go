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

const (
	base  = "https://waka.example/api"
	other = "https://waka.example/api/compat/wakatime/v1"
)

// verified is Ada's connection by an API key at base.
func verified() domain.Connection {
	c := byKey()
	c.AccessToken, c.Account.Server, c.ConnectedAt = "waka_key-1", "waka.example", now
	return c
}

func TestConnectWithKey(t *testing.T) {
	t.Parallel()

	verifies := func(d deps, at string, a domain.WakaTimeAccount, err error) {
		d.wakatime.EXPECT().Account(outside(), domain.Credential{User: ada, Kind: domain.ConnectedByKey, BaseURL: at, Token: "waka_key-1"}).Return(a, err)
	}
	responds := func(d deps, err error) {
		d.wakatime.EXPECT().BaseURLs("typed").Return([]string{base}, nil)
		verifies(d, base, verified().Account, err)
	}
	saves := func(d deps, c, old domain.Connection, err error) {
		calls := []any{
			d.connections.EXPECT().LockConnection(inside(), ada).Return(old, err).Call,
			d.connections.EXPECT().SaveConnection(inside(), c, account).Return(nil).Call,
		}
		if !old.SameAccount(c) {
			calls = append(calls, d.accounts.EXPECT().SetAsideDays(inside(), ada, now).Return(nil).Call)
		}
		calls = append(calls,
			d.jobs.EXPECT().EnqueueSync(inside(), ada, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}).Return(nil).Call,
			d.connections.EXPECT().ConnectionReport(outside(), ada, now).Return(domain.ConnectionReport{Connection: c}, nil).Call,
		)
		gomock.InOrder(calls...)
	}
	elsewhere := verified()
	elsewhere.BaseURL = other
	renewed := verified()
	renewed.AccessToken, renewed.ConnectedAt = "waka_key-0", now.Add(-time.Hour)
	wakatime := verified()
	wakatime.BaseURL = ""

	tests := map[string]struct {
		actor    domain.Actor
		key      domain.Secret // empty: waka_key-1
		given    func(deps)
		expected domain.ExpectedVersions
		saved    domain.Connection
		want     error
		field    string
		text     string // in the error
	}{
		"an accepted key is saved, and the old grant is revoked": {
			actor: asAda, saved: verified(),
			given: func(d deps) {
				responds(d, nil)
				saves(d, verified(), byOAuth(), nil)
				d.wakatime.EXPECT().Revoke(outside(), domain.Secret("refresh-1")).Return(upstream(domain.ReasonUnavailable)) // which does not matter
			},
		},
		"a session that ends during the request stores no key": {
			actor: asAda,
			given: func(d deps) {
				responds(d, nil)
				d.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, domain.ErrUnauthenticated }
			},
			want: domain.ErrUnauthenticated,
		},
		"a pasted key is cleaned": {
			actor: asAda, key: "api_key = \"waka_key-1\"\r\n", saved: verified(),
			given: func(d deps) {
				responds(d, nil)
				saves(d, verified(), domain.Connection{}, domain.ErrConnectionNotFound)
			},
		},
		"another key of the same account changes no day": {
			actor: asAda, saved: verified(),
			given: func(d deps) {
				responds(d, nil)
				saves(d, verified(), renewed, nil)
			},
		},
		"a key that cannot be decrypted is replaced": {
			actor: asAda, saved: verified(),
			given: func(d deps) {
				responds(d, nil)
				unreadable := renewed
				unreadable.AccessToken = ""
				saves(d, verified(), unreadable, domain.ErrTokenUnreadable)
			},
		},
		"the prefix of the API is found": {
			actor: asAda, saved: elsewhere,
			given: func(d deps) {
				d.wakatime.EXPECT().BaseURLs("typed").Return([]string{base, other, "https://waka.example/v1"}, nil)
				verifies(d, base, domain.WakaTimeAccount{}, upstream(domain.ReasonUnsupported))
				verifies(d, other, elsewhere.Account, nil)
				saves(d, elsewhere, domain.Connection{}, domain.ErrConnectionNotFound)
			},
		},
		"a rejected key is not sent to other prefixes": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().BaseURLs("typed").Return([]string{base, other}, nil)
				verifies(d, base, domain.WakaTimeAccount{}, upstream(domain.ReasonUnauthorized))
			},
			want: domain.ErrWakaTimeKeyRejected, field: "api_key", text: "Our Wakapi rejected the API key",
		},
		"a server without the API at any prefix is not supported": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().BaseURLs("typed").Return([]string{base, other}, nil)
				verifies(d, base, domain.WakaTimeAccount{}, upstream(domain.ReasonUnsupported))
				verifies(d, other, domain.WakaTimeAccount{}, upstream(domain.ReasonUnsupported))
			},
			want: domain.ErrWakaTimeServerUnsupported, field: "base_url", text: "waka.example does not provide daily summaries",
		},
		"a text that is no key is not sent anywhere": {
			actor: asAda, key: "ada@example.com",
			given: func(d deps) { d.wakatime.EXPECT().BaseURLs("typed").Return([]string{base}, nil) },
			want:  domain.ErrInvalid, field: "api_key",
		},
		"the key and the server are checked together": {
			actor: asAda, key: "ada@example.com",
			given: func(d deps) { d.wakatime.EXPECT().BaseURLs("typed").Return(nil, domain.ErrWakaTimeBaseURLNotAllowed) },
			want:  domain.ErrInvalid, field: "api_key base_url",
		},
		"the key is not sent to a server that the operator does not allow": {
			actor: asAda,
			given: func(d deps) { d.wakatime.EXPECT().BaseURLs("typed").Return(nil, domain.ErrWakaTimeBaseURLNotAllowed) },
			want:  domain.ErrWakaTimeBaseURLNotAllowed, field: "base_url",
		},
		"an error is returned": {
			actor: asAda,
			given: func(d deps) { d.wakatime.EXPECT().BaseURLs("typed").Return(nil, errDatabase) },
			want:  errDatabase,
		},
		"a key that the server rejects is rejected": {
			actor: asAda, given: func(d deps) { responds(d, upstream(domain.ReasonUnauthorized)) },
			want: domain.ErrWakaTimeKeyRejected, field: "api_key", text: "Our Wakapi rejected the API key",
		},
		"a key that may not read summaries is rejected without mentioning scopes": {
			actor: asAda, given: func(d deps) { responds(d, upstream(domain.ReasonForbidden)) },
			want: domain.ErrWakaTimeKeyRejected, field: "api_key", text: "Our Wakapi does not allow this API key to read daily summaries.",
		},
		"an account whose plan excludes the API is not supported": {
			actor: asAda, given: func(d deps) { responds(d, upstream(domain.ReasonPlanLimited)) },
			want: domain.ErrWakaTimeServerUnsupported, field: "base_url", text: "Our Wakapi",
		},
		"an outage is reported as temporary": {
			actor: asAda, given: func(d deps) { responds(d, upstream(domain.ReasonUnavailable)) },
			want: domain.ErrWakaTimeUnavailable, text: "Our Wakapi is not responding as expected",
		},
		"an internal error is returned": {
			actor: asAda, given: func(d deps) { responds(d, errDatabase) }, want: errDatabase,
		},
		"an account that another user has connected is rejected": {
			actor: asAda,
			given: func(d deps) {
				responds(d, nil)
				d.connections.EXPECT().LockConnection(inside(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(inside(), gomock.Any(), gomock.Any()).Return(domain.ErrWakaTimeAccountTaken)
			},
			want: domain.ErrWakaTimeAccountTaken, text: "This waka.example account is connected to another Gradus account.",
		},
		"an account at WakaTime's own server is named": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().BaseURLs("typed").Return([]string{""}, nil)
				verifies(d, "", wakatime.Account, upstream(domain.ReasonUnauthorized))
			},
			want: domain.ErrWakaTimeKeyRejected, field: "api_key", text: "WakaTime rejected the API key",
		},
		"another version than expected is not replaced": {
			actor: asAda, expected: domain.ExpectedVersions{1},
			given: func(d deps) {
				responds(d, nil)
				d.connections.EXPECT().LockConnection(inside(), ada).Return(byOAuth(), nil)
			},
			want: domain.ErrVersionMismatch,
		},
		"a user who was suspended in the meantime is not connected": {
			actor: asAda,
			given: func(d deps) {
				responds(d, nil)
				d.connections.EXPECT().LockConnection(inside(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
				d.connections.EXPECT().SaveConnection(inside(), gomock.Any(), gomock.Any()).Return(domain.ErrUnauthenticated)
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
			if tt.key == "" {
				tt.key = "waka_key-1"
			}

			got, err := d.ConnectWithKey(t.Context(), tt.actor, tt.key, "typed", tt.expected)

			if !errors.Is(err, tt.want) {
				t.Fatalf("ConnectWithKey: got error %v, want %v", err, tt.want)
			}
			if err != nil {
				hasField(t, err, tt.field)
				if !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), tt.key.Reveal()) {
					t.Errorf("error %v, want %q in it, and not the key", err, tt.text)
				}
				return
			}
			if diff := cmp.Diff(tt.saved, got.Connection); diff != "" {
				t.Error(diff)
			}
			want := []domain.Change{{Action: domain.ActWakaTimeConnect, Subject: ada.String(), Details: map[string]any{
				"kind": domain.ConnectedByKey, "server": "waka.example", "account": "ada", "scopes": []string(nil),
			}}}
			if diff := cmp.Diff(want, d.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConnectWithKey_ReturnsRetryAfter(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.wakatime.EXPECT().BaseURLs("").Return([]string{""}, nil)
	d.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).Return(domain.WakaTimeAccount{},
		&domain.UpstreamError{Reason: domain.ReasonThrottled, RetryAfter: time.Minute})

	_, err := d.ConnectWithKey(t.Context(), asAda, "waka_key-1", "", nil)

	e, ok := errors.AsType[*domain.Error](err)
	if !ok || !errors.Is(e, domain.ErrWakaTimeUnavailable) || e.RetryAfter != time.Minute {
		t.Errorf("ConnectWithKey: got error %v", err)
	}
	if domain.ErrWakaTimeUnavailable.RetryAfter != 0 {
		t.Error("the sentinel was changed")
	}
}
