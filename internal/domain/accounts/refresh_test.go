package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestRefresh(t *testing.T) {
	t.Parallel()

	fault := errors.New("disk full")
	session := domain.Session{
		ID: domain.SessionID{50}, User: ada.ID, LastSeenAt: noon.Add(-30 * time.Minute), ExpiresAt: noon.Add(time.Hour),
		TokenExpiresAt: noon.Add(-15 * time.Minute),
	}
	access, next, err := firstRefreshToken.Successors(token)
	if err != nil {
		t.Fatal(err)
	}
	renewed := session
	renewed.LastSeenAt, renewed.TokenExpiresAt = noon, noon.Add(lifetime.Access)
	rotated := firstFamily
	rotated.Rotate(hashOf(next.Text()), token, noon)
	usedAt := func(at time.Time) domain.TokenFamily {
		f := rotated
		f.UsedAt = at
		return f
	}
	finds := func(h harness) {
		h.refresh.EXPECT().SessionOfFamily(outside(), firstFamily.Family).Return(session, ada.Role, nil)
	}
	stores := func(h harness, f domain.TokenFamily, s domain.Session) {
		finds(h)
		h.refresh.EXPECT().LockedTokenFamily(inside(), firstFamily.Family).Return(f, s, nil)
	}
	reads := func(h harness) { h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil) }
	ends := func(f domain.TokenFamily) func(harness) {
		return func(h harness) {
			stores(h, f, renewed)
			h.sessions.EXPECT().RemoveSession(inside(), session.ID).Return(nil)
		}
	}
	lost := func(err error) func(harness) {
		return func(h harness) {
			finds(h)
			h.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, err }
		}
	}
	late := usedAt(noon)
	late.Rotate(hashOf("the one after"), token, noon)
	type test struct {
		token  domain.Secret
		given  func(harness)
		want   error
		reused bool
	}
	tests := map[string]test{
		"the current token is replaced": {token: firstRefreshToken.Text(), given: func(h harness) {
			stores(h, firstFamily, session)
			h.refresh.EXPECT().RotateTokens(inside(), rotated, renewed, hashOf(access)).Return(nil)
			reads(h)
		}},
		"a token that was replaced a moment ago returns the same tokens": {token: firstRefreshToken.Text(), given: func(h harness) {
			stores(h, usedAt(noon.Add(-10*time.Second+1)), renewed)
			reads(h)
		}},
		"a token that was replaced ten seconds ago ends the session": {
			token: firstRefreshToken.Text(), given: ends(usedAt(noon.Add(-10 * time.Second))), want: domain.ErrRefreshTokenInvalid, reused: true,
		},
		"a token that was replaced before the last one ends the session": {
			token: firstRefreshToken.Text(), given: ends(late), want: domain.ErrRefreshTokenInvalid, reused: true,
		},
		"an unknown family is rejected": {token: firstRefreshToken.Text(), given: func(h harness) {
			h.refresh.EXPECT().SessionOfFamily(outside(), firstFamily.Family).Return(domain.Session{}, "", domain.ErrRefreshTokenInvalid)
		}, want: domain.ErrRefreshTokenInvalid},
		"a session that ended in the meantime is rejected": {token: firstRefreshToken.Text(), given: lost(domain.ErrUnauthenticated), want: domain.ErrRefreshTokenInvalid},
		"an expired session is rejected":                   {token: firstRefreshToken.Text(), given: lost(domain.ErrSessionExpired), want: domain.ErrRefreshTokenInvalid},
		"an unavailable database is not an invalid token":  {token: firstRefreshToken.Text(), given: lost(domain.ErrUnavailable), want: domain.ErrUnavailable},
		"an error of storing is returned": {token: firstRefreshToken.Text(), given: func(h harness) {
			stores(h, firstFamily, session)
			h.refresh.EXPECT().RotateTokens(inside(), rotated, renewed, hashOf(access)).Return(fault)
		}, want: fault},
		"an access token is not looked up":   {token: token, want: domain.ErrRefreshTokenInvalid},
		"a truncated token is not looked up": {token: firstRefreshToken.Text()[:90], want: domain.ErrRefreshTokenInvalid},
		"a mistyped token is not looked up":  {token: "gradus_rt_x" + firstRefreshToken.Text()[11:], want: domain.ErrRefreshTokenInvalid},
		"an empty token is not looked up":    {token: "", want: domain.ErrRefreshTokenInvalid},
		"a token of a kind is not looked up": {token: "gradus_xt_" + firstRefreshToken.Text()[10:], want: domain.ErrRefreshTokenInvalid},
		"an overlong token is not looked up": {token: firstRefreshToken.Text() + firstRefreshToken.Text(), want: domain.ErrRefreshTokenInvalid},
		"a session that ends soon ends first": {token: firstRefreshToken.Text(), given: func(h harness) {
			s := session
			s.ExpiresAt = noon.Add(time.Minute)
			stores(h, firstFamily, s)
			s.LastSeenAt, s.TokenExpiresAt = noon, s.ExpiresAt
			h.refresh.EXPECT().RotateTokens(inside(), rotated, s, hashOf(access)).Return(fault)
		}, want: fault},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			if tt.given != nil {
				tt.given(h)
			}
			got, err := h.Refresh(t.Context(), anyone, tt.token, ports.Device{UserAgent: "Firefox"})
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			var want domain.SignedIn
			if tt.want == nil {
				want = domain.SignedIn{Session: renewed, Token: access, RefreshToken: next, Me: domain.Me{User: ada}}
			}
			var audit []domain.Change
			var events []domain.SecurityEvent
			if tt.reused {
				audit = []domain.Change{{Action: domain.ActSessionEndReused, Subject: session.ID.String()}}
				events = []domain.SecurityEvent{{Kind: domain.EventRefreshTokenReused, User: ada.ID, Device: "Firefox", Origin: origin}}
			}
			if diff := cmp.Diff([]any{want, audit, events}, []any{got, h.uow.Changes, h.security.Events()}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
