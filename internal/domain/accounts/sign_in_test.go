package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestSignIn(t *testing.T) {
	t.Parallel()

	var (
		suspended = ada
		session   = domain.Session{ID: domain.SessionID{1}, User: ada.ID, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(lifetime.Absolute), UserAgent: "Firefox", Address: origin.Address, AuthenticatedAt: noon, TokenExpiresAt: noon.Add(lifetime.Access)}
		fault     = errors.New("disk full")
	)
	suspended.SuspendedAt = new(noon)

	// Every attempt must do the same work: one lookup and one verification.
	knows := func(email domain.Email, u domain.User, hash string, matches bool) func(harness) {
		return func(h harness) {
			gomock.InOrder(
				h.users.EXPECT().UserByEmail(outside(), email).Return(u, hash, nil).Call,
				h.hasher.EXPECT().Verify(outside(), password, hash).Return(matches, nil).Call,
			)
		}
	}
	knowsNot := func(email domain.Email) func(harness) {
		return func(h harness) {
			gomock.InOrder(
				h.users.EXPECT().UserByEmail(outside(), email).Return(domain.User{}, "", domain.ErrUserNotFound).Call,
				h.hasher.EXPECT().Verify(outside(), password, "").Return(false, nil).Call,
			)
		}
	}
	verified := knows("ada@example.com", ada, "hash", true)
	again := func(h harness, hash string) {
		h.users.EXPECT().UserByEmail(inside(), domain.Email("ada@example.com")).Return(ada, hash, nil)
	}
	good := func(h harness) { verified(h); again(h, "hash") }
	// Only users can fail to begin a unit of work.
	fails := func(h harness, err error) {
		h.uow.Current = func(a domain.Actor) (domain.Actor, error) {
			if a.UserID.IsZero() {
				return a, nil
			}
			return domain.Actor{}, err
		}
	}

	tests := map[string]struct {
		email  string
		given  func(harness)
		want   error
		denied domain.SecurityEvent // of a sign-in that fails: its user and reason
	}{
		"the right password starts a session": {
			email: " ADA@example.com",
			given: func(h harness) {
				good(h)
				gomock.InOrder(
					h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil).Call,
					h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(nil).Call,
					h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil).Call,
				)
			},
		},
		"a wrong password is rejected":                    {email: "ada@example.com", given: knows("ada@example.com", ada, "hash", false), want: domain.ErrInvalidCredentials, denied: domain.SecurityEvent{User: ada.ID, Reason: "wrong_password"}},
		"an unknown address costs the same work":          {email: "eve@example.com", given: knowsNot("eve@example.com"), want: domain.ErrInvalidCredentials, denied: domain.SecurityEvent{Reason: "unknown_address"}},
		"an invalid address costs the same work":          {email: "adı@example.com", given: knowsNot(""), want: domain.ErrInvalidCredentials, denied: domain.SecurityEvent{Reason: "unknown_address"}},
		"a suspended account costs the same work":         {email: "ada@example.com", given: knows("ada@example.com", suspended, "hash", true), want: domain.ErrInvalidCredentials, denied: domain.SecurityEvent{User: ada.ID, Reason: "suspended"}},
		"a suspension during the verification is noticed": {email: "ada@example.com", given: func(h harness) { verified(h); fails(h, domain.ErrUnauthenticated) }, want: domain.ErrInvalidCredentials, denied: domain.SecurityEvent{User: ada.ID, Reason: "suspended"}},
		"an error of the lock is not a wrong password":    {email: "ada@example.com", given: func(h harness) { verified(h); fails(h, fault) }, want: fault},
		"a password that was reset during the verification is rejected": {
			email: "ada@example.com",
			given: func(h harness) {
				verified(h)
				again(h, "new")
				knows("ada@example.com", ada, "new", false)(h)
			},
			want:   domain.ErrInvalidCredentials,
			denied: domain.SecurityEvent{User: ada.ID, Reason: "wrong_password"},
		},
		"an unavailable database is not a wrong password": {
			email: "ada@example.com",
			given: func(h harness) {
				h.users.EXPECT().UserByEmail(outside(), domain.Email("ada@example.com")).Return(domain.User{}, "", domain.ErrUnavailable)
			},
			want: domain.ErrUnavailable,
		},
		"a busy hasher is reported": {
			email: "ada@example.com",
			given: func(h harness) {
				h.users.EXPECT().UserByEmail(outside(), domain.Email("ada@example.com")).Return(ada, "hash", nil)
				h.hasher.EXPECT().Verify(outside(), password, "hash").Return(false, domain.ErrBusy)
			},
			want: domain.ErrBusy,
		},
		"an error of the session is returned": {
			email: "ada@example.com",
			given: func(h harness) {
				good(h)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, fault)
			},
			want: fault,
		},
		"an error of the refresh token is returned": {
			email: "ada@example.com",
			given: func(h harness) {
				good(h)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil)
				h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(fault)
			},
			want: fault,
		},
		"an error of reading the account is returned": {
			email: "ada@example.com",
			given: func(h harness) {
				good(h)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token), 20).Return(nil, nil)
				h.refresh.EXPECT().SaveTokenFamily(inside(), session.ID, firstFamily).Return(nil)
				h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{}, fault)
			},
			want: fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.SignIn(t.Context(), anyone, tt.email, password, ports.Device{UserAgent: "Firefox"})

			if !errors.Is(err, tt.want) {
				t.Fatalf("SignIn: error %v, want %v", err, tt.want)
			}
			var want domain.SignedIn
			var audit []domain.Change
			var by []domain.Actor
			var events []domain.SecurityEvent
			switch {
			case tt.denied.Reason != "":
				subject := tt.denied.User.String()
				if tt.denied.User.IsZero() {
					subject = "unknown"
				}
				audit = []domain.Change{{Action: domain.ActSessionDeny, Subject: subject, Details: map[string]any{"device": "Firefox", "reason": tt.denied.Reason}}}
				by = []domain.Actor{anyone}
				events = []domain.SecurityEvent{{Kind: domain.EventSignInFailed, User: tt.denied.User, Reason: tt.denied.Reason, Device: "Firefox", Origin: origin}}
			case tt.want == nil:
				events = []domain.SecurityEvent{{Kind: domain.EventSignIn, User: ada.ID, Device: "Firefox", Origin: origin}}
				want = domain.SignedIn{Session: session, Token: token, RefreshToken: firstRefreshToken, Device: devices{}.NewDeviceToken(ada.ID), Me: domain.Me{User: ada}}
				audit = []domain.Change{{Action: domain.ActSessionStart, Subject: session.ID.String(), Details: map[string]any{"device": "Firefox"}}}
				by = []domain.Actor{{UserID: ada.ID, Role: ada.Role, Origin: origin}}
			}
			if diff := cmp.Diff(domain.SignIn{SignedIn: want}, got); diff != "" {
				t.Errorf("SignIn (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(by, h.uow.Actors); diff != "" {
				t.Errorf("actor (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(events, h.security.Events()); diff != "" {
				t.Errorf("security events (-want +got):\n%s", diff)
			}
		})
	}
}

// Signing in ends the session that the browser had, so that a session cannot be fixed by
// somebody who knows its token, and none is left behind without a cookie.
func TestSignIn_ReplacesTheSessionOfTheDevice(t *testing.T) {
	t.Parallel()

	other := domain.Secret(strings.Repeat("o", len(token)))
	fault := errors.New("disk full")
	tests := map[string]struct {
		device  ports.Device
		removed domain.SessionID
		err     error
		details map[string]any
	}{
		"the session of its cookie ends":            {ports.Device{Session: other, Cookie: true}, domain.SessionID{9}, nil, map[string]any{"device": "", "replaced_session_id": domain.SessionID{9}.String()}},
		"a cookie without a session is ignored":     {ports.Device{Session: other, Cookie: true}, domain.SessionID{}, nil, map[string]any{"device": ""}},
		"a cookie of another form is not looked up": {ports.Device{Session: "x", Cookie: true}, domain.SessionID{}, nil, map[string]any{"device": ""}},
		"an error of removing is returned":          {ports.Device{Session: other, Cookie: true}, domain.SessionID{}, fault, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).Return(ada, "hash", nil).Times(2)
			h.hasher.EXPECT().Verify(gomock.Any(), gomock.Any(), gomock.Any()).Return(true, nil)
			if tt.device.Session == other {
				h.sessions.EXPECT().RemoveSessionOf(inside(), hashOf(other)).Return(tt.removed, tt.err)
			}
			if tt.err == nil {
				h.sessions.EXPECT().AddSession(inside(), gomock.Any(), hashOf(token), 20).Return(nil, nil)
				h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)
			}
			_, err := h.SignIn(t.Context(), anyone, "ada@example.com", password, tt.device)
			if !errors.Is(err, tt.err) {
				t.Errorf("SignIn: error %v, want %v", err, tt.err)
			}
			var audit []domain.Change
			if tt.err == nil {
				audit = []domain.Change{{Action: domain.ActSessionStart, Subject: domain.SessionID{1}.String(), Details: tt.details}}
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignIn_RejectionsLookTheSame(t *testing.T) {
	t.Parallel()

	suspended := ada
	suspended.SuspendedAt = new(noon)
	errs := map[string]error{}
	for name, user := range map[string]*domain.User{"unknown": nil, "wrong password": &ada, "suspended": &suspended} {
		h := newHarness(t)
		if user == nil {
			h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).Return(domain.User{}, "", domain.ErrUserNotFound)
		} else {
			h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).Return(*user, "hash", nil)
		}
		h.hasher.EXPECT().Verify(gomock.Any(), gomock.Any(), gomock.Any()).Return(name == "suspended", nil)
		_, errs[name] = h.SignIn(t.Context(), anyone, "ada@example.com", password, ports.Device{})
	}
	for name, err := range errs {
		if err.Error() != errs["unknown"].Error() {
			t.Errorf("%s: %v, unlike an unknown address: %v", name, err, errs["unknown"])
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()

	t.Run("it ends the session", func(t *testing.T) {
		t.Parallel()

		h := newHarness(t)
		h.sessions.EXPECT().RemoveSession(inside(), as(ada).SessionID).Return(nil)
		err := h.SignOut(t.Context(), as(ada))
		want := []domain.Change{{Action: domain.ActSessionEnd, Subject: as(ada).SessionID.String()}}
		if diff := cmp.Diff(want, h.uow.Changes); diff != "" || err != nil {
			t.Errorf("SignOut: %v; audit (-want +got):\n%s", err, diff)
		}
	})
	t.Run("an error is returned and not recorded", func(t *testing.T) {
		t.Parallel()

		h, fault := newHarness(t), errors.New("disk full")
		h.sessions.EXPECT().RemoveSession(inside(), as(ada).SessionID).Return(fault)
		if err := h.SignOut(t.Context(), as(ada)); !errors.Is(err, fault) || len(h.uow.Changes) != 0 {
			t.Errorf("SignOut: %v, recorded %v", err, h.uow.Changes)
		}
	})
	t.Run("a caller who is not signed in is rejected", func(t *testing.T) {
		t.Parallel()

		if err := newHarness(t).SignOut(t.Context(), anyone); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("SignOut: %v, want %v", err, domain.ErrForbidden)
		}
	})
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()

	suspended := ada
	suspended.SuspendedAt = new(noon)
	alive := domain.Session{ID: domain.SessionID{50}, User: ada.ID, LastSeenAt: noon.Add(-lifetime.Idle + 1), ExpiresAt: noon.Add(1), AuthenticatedAt: noon}
	idle, old, stale, expired := alive, alive, alive, alive
	alive.TokenExpiresAt = noon.Add(1)
	expired.TokenExpiresAt = noon
	stale.AuthenticatedAt = noon.Add(-15 * time.Minute)
	idle.LastSeenAt = noon.Add(-lifetime.Idle)
	old.ExpiresAt = noon

	finds := func(s domain.Session, u domain.User, err error) func(harness) {
		return func(h harness) {
			h.sessions.EXPECT().Session(outside(), hashOf(token)).Return(s, u, as(ada), err)
		}
	}
	tests := map[string]struct {
		token domain.Secret
		given func(harness)
		want  error
	}{
		"a valid token returns the actor":                               {token, finds(alive, ada, nil), nil},
		"an unknown token is rejected":                                  {token, finds(domain.Session{}, domain.User{}, domain.ErrUnauthenticated), domain.ErrUnauthenticated},
		"a session with an old proof is not fresh":                      {token, finds(stale, ada, nil), nil},
		"a session that was idle too long has expired":                  {token, finds(idle, ada, nil), domain.ErrSessionExpired},
		"a session that is too old has expired":                         {token, finds(old, ada, nil), domain.ErrSessionExpired},
		"an expired access token is rejected":                           {token, finds(expired, ada, nil), domain.ErrTokenExpired},
		"a suspended user is rejected":                                  {token, finds(alive, suspended, nil), domain.ErrUnauthenticated},
		"a suspended user's expired session is not reported as expired": {token, finds(idle, suspended, nil), domain.ErrUnauthenticated},
		"an unavailable database is not an invalid token":               {token, finds(domain.Session{}, domain.User{}, domain.ErrUnavailable), domain.ErrUnavailable},
		"an empty token is not looked up":                               {"", func(harness) {}, domain.ErrUnauthenticated},
		"an overlong token is not looked up":                            {domain.Secret(strings.Repeat("a", 1<<20)), func(harness) {}, domain.ErrUnauthenticated},
		"a truncated token is not looked up":                            {token[1:], func(harness) {}, domain.ErrUnauthenticated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.Authenticate(t.Context(), tt.token)

			want := domain.Actor{}
			if tt.want == nil {
				want = as(ada)
			}
			if name == "a session with an old proof is not fresh" {
				want.AuthenticatedAt, want.Fresh = stale.AuthenticatedAt, false
			}
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("Authenticate: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
		})
	}
}

func TestRemoveExpiredSessions(t *testing.T) {
	t.Parallel()

	h := newHarness(t)
	h.sessions.EXPECT().RemoveExpiredSessions(gomock.Any(), lifetime, noon).Return(4, nil)
	if n, err := h.RemoveExpiredSessions(t.Context()); n != 4 || err != nil {
		t.Errorf("RemoveExpiredSessions = %d, %v", n, err)
	}
	if lifetime.Idle != time.Hour {
		t.Error("the lifetime was changed")
	}
}
