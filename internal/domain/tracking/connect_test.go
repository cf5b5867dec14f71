package tracking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

var errDatabase = errors.New("database error")

func TestConnection(t *testing.T) {
	t.Parallel()

	want := domain.ConnectionReport{Connection: byKey(), Coverage: domain.Coverage{Expected: 3, OK: 2}}
	d := newService(t)
	d.connections.EXPECT().ConnectionReport(outside(), ada, now).Return(want, nil)
	if got, err := d.Connection(t.Context(), asAda); err != nil || !cmp.Equal(got, want) {
		t.Errorf("Connection: got %+v, %v", got, err)
	}
}

func TestServers(t *testing.T) {
	t.Parallel()

	d := newService(t)
	if got, err := d.Servers(t.Context(), asStudent); err != nil || len(got) != 2 || !got[0].Default {
		t.Errorf("Servers: got %+v, %v", got, err)
	}
	if got, err := d.Servers(t.Context(), asAnyone); !errors.Is(err, domain.ErrForbidden) || got != nil {
		t.Errorf("Servers of a caller who is not signed in: got %+v, %v", got, err)
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()

	expires := now.Add(10 * time.Minute)
	tests := map[string]struct {
		actor domain.Actor
		given func(deps)
		want  error
	}{
		"a hash of the state is stored for the user and session": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().UsesPKCE().Return(false)
				d.wakatime.EXPECT().AuthorizationURL(domain.Secret("token-1"), domain.Secret("")).Return("https://go.example", nil)
				d.authorizations.EXPECT().AddAuthorization(gomock.Any(), hash("token-1"),
					domain.Authorization{User: ada, Session: session, ExpiresAt: expires}).Return(nil)
			},
		},
		"with PKCE there is a verifier": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().UsesPKCE().Return(true)
				d.wakatime.EXPECT().AuthorizationURL(domain.Secret("token-1"), domain.Secret("token-2")).Return("https://go.example", nil)
				d.authorizations.EXPECT().AddAuthorization(gomock.Any(), hash("token-1"),
					domain.Authorization{User: ada, Session: session, Verifier: "token-2", ExpiresAt: expires}).Return(nil)
			},
		},
		"without an OAuth client nothing is stored": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().UsesPKCE().Return(false)
				d.wakatime.EXPECT().AuthorizationURL(gomock.Any(), gomock.Any()).Return("", domain.ErrWakaTimeNotConfigured)
			},
			want: domain.ErrWakaTimeNotConfigured,
		},
		"an error is returned": {
			actor: asAda,
			given: func(d deps) {
				d.wakatime.EXPECT().UsesPKCE().Return(false)
				d.wakatime.EXPECT().AuthorizationURL(gomock.Any(), gomock.Any()).Return("https://go.example", nil)
				d.authorizations.EXPECT().AddAuthorization(gomock.Any(), gomock.Any(), gomock.Any()).Return(errDatabase)
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

			url, at, err := d.Authorize(t.Context(), tt.actor)

			if !errors.Is(err, tt.want) {
				t.Fatalf("Authorize: got error %v, want %v", err, tt.want)
			}
			if err == nil && (url != "https://go.example" || !at.Equal(expires)) {
				t.Errorf("Authorize: got %q until %v", url, at)
			}
		})
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()

	ended := byOAuth()
	ended.Unlink()
	unreadable := byOAuth()
	unreadable.AccessToken, unreadable.RefreshToken = "", ""
	single := byOAuth()
	single.RefreshToken = ""

	tests := map[string]struct {
		stored  domain.Connection
		err     error
		revoke  domain.Secret // the token to revoke
		revoked error
		want    domain.Revocation
	}{
		"the tokens are revoked at WakaTime":                         {stored: byOAuth(), revoke: "refresh-1", want: domain.RevocationDone},
		"an access token without a refresh token is revoked":         {stored: single, revoke: "access-1", want: domain.RevocationDone},
		"the connection is removed although WakaTime is unavailable": {stored: byOAuth(), revoke: "refresh-1", revoked: upstream(domain.ReasonUnavailable), want: domain.RevocationFailed},
		"the connection is removed although it cannot be decrypted":  {stored: unreadable, err: domain.ErrTokenUnreadable, want: domain.RevocationFailed},
		"a connection that WakaTime ended needs no revocation":       {stored: ended, want: domain.RevocationDone},
		"an API key cannot be revoked":                               {stored: byKey(), want: domain.RevocationNotApplicable},
		"an API key that cannot be decrypted cannot be revoked":      {stored: domain.Connection{User: ada, Kind: domain.ConnectedByKey}, err: domain.ErrTokenUnreadable, want: domain.RevocationNotApplicable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			removed := false
			d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(tt.stored, tt.err)
			d.connections.EXPECT().RemoveConnection(gomock.Any(), ada).DoAndReturn(func(context.Context, domain.UserID) error {
				removed = true
				return nil
			})
			if tt.revoke != "" {
				d.wakatime.EXPECT().Revoke(gomock.Any(), tt.revoke).DoAndReturn(func(context.Context, domain.Secret) error {
					if !removed {
						t.Error("revoked before the connection was removed")
					}
					return tt.revoked
				})
			}

			got, err := d.Disconnect(t.Context(), asAda, nil)

			if err != nil || got != tt.want {
				t.Errorf("Disconnect: got %q, %v, want %q", got, err, tt.want)
			}
			if diff := cmp.Diff([]domain.Action{domain.ActWakaTimeDisconnect}, actions(d.uow)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDisconnect_Errors(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		actor domain.Actor
		given func(deps)
		want  error
	}{
		"there is no connection": {
			actor: asAda,
			given: func(d deps) {
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(domain.Connection{}, domain.ErrConnectionNotFound)
			},
			want: domain.ErrConnectionNotFound,
		},
		"a connection that cannot be removed is not revoked": {
			actor: asAda,
			given: func(d deps) {
				d.connections.EXPECT().LockConnection(gomock.Any(), ada).Return(byOAuth(), nil)
				d.connections.EXPECT().RemoveConnection(gomock.Any(), ada).Return(errDatabase)
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

			if _, err := d.Disconnect(t.Context(), tt.actor, nil); !errors.Is(err, tt.want) {
				t.Errorf("Disconnect: got error %v, want %v", err, tt.want)
			}
			if len(d.uow.Changes) > 0 {
				t.Errorf("recorded %v", d.uow.Changes)
			}
		})
	}
}

// hasField fails the test unless an error is about these fields, separated by spaces.
func hasField(t *testing.T, err error, want string) {
	t.Helper()
	var fields []string
	if e, ok := errors.AsType[*domain.Error](err); ok {
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
	}
	if got := strings.Join(fields, " "); got != want {
		t.Errorf("the error has the field %q, want %q", got, want)
	}
}
