package accounts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

var tokenText = domain.FormatAPIToken(token)

func TestCreateAPIToken(t *testing.T) {
	t.Parallel()
	n := ports.NewAPIToken{Name: "QA", Scopes: []domain.APIScope{"read"}, Days: 90}
	want := domain.APIToken{
		ID: domain.APITokenID{1}, User: ada.ID, UserName: "Ada", Name: "QA", Scopes: n.Scopes, CreatedAt: noon, ExpiresAt: noon.AddDate(0, 0, 90),
	}
	fault := errors.New("disk")
	counts := func(h harness, n int) {
		h.tokens.EXPECT().CountAPITokens(inside(), ada.ID, noon).Return(n, nil)
	}
	locks := func(h harness) { h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil) }
	tests := map[string]struct {
		actor domain.Actor
		n     ports.NewAPIToken
		given func(harness)
		want  error
	}{
		"a token is created": {as(ada), n, func(h harness) {
			counts(h, domain.MaxAPITokens-1)
			locks(h)
			h.tokens.EXPECT().AddAPIToken(inside(), want, hashOf(tokenText)).Return(nil)
		}, nil},
		"one too many is rejected": {as(ada), n, func(h harness) { counts(h, domain.MaxAPITokens) }, domain.ErrTooManyAPITokens},
		"an old authentication is not enough": {
			as(ada).Authenticated(noon.Add(-time.Hour), noon), n, func(harness) {}, domain.ErrReauthenticationRequired,
		},
		"nobody is not somebody": {anyone, n, func(harness) {}, domain.ErrForbidden},
		"an invalid one":         {as(ada), ports.NewAPIToken{Name: "QA", Days: 90}, func(harness) {}, domain.ErrInvalid},
		"a user who was deleted": {as(ada), n, func(h harness) {
			counts(h, 0)
			h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
		}, domain.ErrUnauthenticated},
		"an error is returned": {as(ada), n, func(h harness) {
			h.tokens.EXPECT().CountAPITokens(inside(), ada.ID, noon).Return(0, fault)
		}, fault},
		"an error of adding is returned": {as(ada), n, func(h harness) {
			counts(h, 0)
			locks(h)
			h.tokens.EXPECT().AddAPIToken(inside(), gomock.Any(), gomock.Any()).Return(fault)
		}, fault},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			got, err := h.CreateAPIToken(t.Context(), tt.actor, tt.n)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				if len(h.security.Events()) > 0 || got.Token != "" {
					t.Errorf("%s, events %+v", got.Token.Reveal(), h.security.Events())
				}
				return
			}
			if diff := cmp.Diff(domain.CreatedAPIToken{APIToken: want, Token: tokenText}, got); diff != "" {
				t.Error(diff)
			}
			notice := domain.Notice(domain.MailAPITokenCreated, ada, origin, noon)
			notice.Object = "QA"
			if diff := cmp.Diff([]domain.Mail{notice}, h.mails.Mails()); diff != "" {
				t.Errorf("mails: %s", diff)
			}
			if diff := cmp.Diff([]domain.SecurityEvent{{Kind: domain.EventAPITokenCreated, User: ada.ID, Origin: origin}}, h.security.Events()); diff != "" {
				t.Errorf("events: %s", diff)
			}
			audit := []domain.Change{{Action: domain.ActAPITokenCreate, Subject: want.ID.String(), Details: map[string]any{
				"name": "QA", "scopes": n.Scopes, "expires_at": "2026-06-12T12:00:00Z",
			}}}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit: %s", diff)
			}
		})
	}
}

func TestAPITokens_AreListed(t *testing.T) {
	t.Parallel()
	page, some := domain.PageRequest{Limit: 2}, domain.Page[domain.APIToken]{Next: "c"}
	h := newHarness(t)
	h.tokens.EXPECT().ListAPITokens(gomock.Any(), domain.APITokenFilter{User: ada.ID}, page).Return(some, nil).Times(2)
	if got, err := h.MyAPITokens(t.Context(), as(ada), page); err != nil || got.Next != "c" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := h.AllAPITokens(t.Context(), admin, domain.APITokenFilter{User: ada.ID}, page); err != nil || got.Next != "c" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := h.AllAPITokens(t.Context(), as(ada), domain.APITokenFilter{User: ada.ID}, page); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("a member listed tokens: %v", err)
	}
	if _, err := h.MyAPITokens(t.Context(), anyone, page); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("nobody listed tokens: %v", err)
	}
}

func TestAPITokens_AreRevoked(t *testing.T) {
	t.Parallel()
	id := domain.APITokenID{7}
	mine := func(ctx context.Context, h harness) error { return h.RevokeMyAPIToken(ctx, as(ada), id) }
	anybodys := func(ctx context.Context, h harness) error { return h.RevokeAPIToken(ctx, admin, id) }
	found := func(h harness) {
		h.tokens.EXPECT().APIToken(outside(), id).Return(domain.APIToken{ID: id, User: ada.ID}, nil)
	}
	revokes := func(h harness, revoked bool, err error) {
		h.tokens.EXPECT().RevokeAPIToken(inside(), ada.ID, id, noon).Return(revoked, err)
	}
	tests := map[string]struct {
		revoke func(context.Context, harness) error
		given  func(harness)
		want   error
		audit  domain.Action // empty if nothing changed
	}{
		"one's own":          {mine, func(h harness) { revokes(h, true, nil) }, nil, domain.ActAPITokenRevoke},
		"one that has ended": {mine, func(h harness) { revokes(h, false, nil) }, nil, ""},
		"that of another":    {mine, func(h harness) { revokes(h, false, domain.ErrAPITokenNotFound) }, domain.ErrAPITokenNotFound, ""},
		"any, by an admin":   {anybodys, func(h harness) { found(h); revokes(h, true, nil) }, nil, domain.ActAPITokenRevokeAny},
		"a missing one": {anybodys, func(h harness) {
			h.tokens.EXPECT().APIToken(outside(), id).Return(domain.APIToken{}, domain.ErrAPITokenNotFound)
		}, domain.ErrAPITokenNotFound, ""},
		"any, by a member": {func(ctx context.Context, h harness) error { return h.RevokeAPIToken(ctx, as(ada), id) }, func(harness) {}, domain.ErrForbidden, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			if err := tt.revoke(t.Context(), h); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			var want []domain.Change
			if tt.audit != "" {
				want = []domain.Change{{Action: tt.audit, Subject: id.String(), Details: map[string]any{"user_id": ada.ID.String()}}}
			}
			if diff := cmp.Diff(want, h.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAuthenticateToken(t *testing.T) {
	t.Parallel()
	user := domain.Actor{UserID: ada.ID, Role: domain.RoleMember, TokenID: domain.APITokenID{7}, Scopes: []domain.APIScope{"read"}}
	alive := domain.APIToken{ID: user.TokenID, User: ada.ID, ExpiresAt: noon.Add(1)}
	expired, revoked := alive, alive
	expired.ExpiresAt, revoked.RevokedAt = noon, &noon
	suspended := with(ada, func(u *domain.User) { u.SuspendedAt = &noon })
	tests := map[string]struct {
		token  domain.APIToken
		user   domain.User
		err    error
		want   error
		reason string // of the event; empty if there is none
	}{
		"a token works":                {alive, ada, nil, nil, ""},
		"one that has expired":         {expired, ada, nil, domain.ErrAPITokenInvalid, "expired"},
		"one that was revoked":         {revoked, ada, nil, domain.ErrAPITokenInvalid, "revoked"},
		"one of a suspended user":      {alive, suspended, nil, domain.ErrAPITokenInvalid, "suspended"},
		"an unknown one":               {domain.APIToken{}, domain.User{}, domain.ErrAPITokenInvalid, domain.ErrAPITokenInvalid, ""},
		"a database that is not there": {domain.APIToken{}, domain.User{}, domain.ErrUnavailable, domain.ErrUnavailable, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.tokens.EXPECT().UseAPIToken(gomock.Any(), hashOf(tokenText), "192.0.2.1").Return(tt.token, tt.user, user, tt.err).Times(2)
			for range 2 { // but there is one event
				got, err := h.AuthenticateToken(t.Context(), tokenText, ports.Device{UserAgent: "curl"}, origin)
				if !errors.Is(err, tt.want) || (err == nil) != (got.UserID == ada.ID) || got.Fresh {
					t.Errorf("got %+v, %v, want %v", got, err, tt.want)
				}
			}
			var want []domain.SecurityEvent
			if tt.reason != "" {
				want = []domain.SecurityEvent{{Kind: domain.EventAPITokenRejected, User: ada.ID, Device: "curl", Reason: tt.reason, Origin: origin}}
			}
			if diff := cmp.Diff(want, h.security.Events()); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a mistyped one is not looked up", func(t *testing.T) {
		t.Parallel()
		if _, err := newHarness(t).AuthenticateToken(t.Context(), tokenText+"0", ports.Device{}, origin); !errors.Is(err, domain.ErrAPITokenInvalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRemoveOldAPITokens(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.tokens.EXPECT().RemoveAPITokens(gomock.Any(), noon.AddDate(0, 0, -30)).Return(4, nil)
	if n, err := h.RemoveOldAPITokens(t.Context()); n != 4 || err != nil {
		t.Errorf("RemoveOldAPITokens = %d, %v", n, err)
	}
}
