package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSignIn(t *testing.T) {
	t.Parallel()

	var (
		suspended = ada
		session   = domain.Session{ID: domain.SessionID{1}, User: ada.ID, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(lifetime.Absolute), UserAgent: "Firefox"}
		fault     = errors.New("disk full")
	)
	suspended.SuspendedAt = new(noon)

	// Each way in must do the same work: one look-up, one verification.
	knows := func(email domain.Email, u domain.User, hash string, matches bool) func(house) {
		return func(h house) {
			gomock.InOrder(
				h.users.EXPECT().UserByEmail(outside(), email).Return(u, hash, nil).Call,
				h.hasher.EXPECT().Verify(outside(), password, hash).Return(matches, nil).Call,
			)
		}
	}
	knowsNot := func(email domain.Email) func(house) {
		return func(h house) {
			gomock.InOrder(
				h.users.EXPECT().UserByEmail(outside(), email).Return(domain.User{}, "", domain.ErrUserNotFound).Call,
				h.hasher.EXPECT().Verify(outside(), password, "").Return(false, nil).Call,
			)
		}
	}
	good := knows("ada@example.com", ada, "hash", true)
	lock := func(h house, u domain.User, err error) *gomock.Call {
		return h.users.EXPECT().LockUser(inside(), ada.ID).Return(u, err).Call
	}

	tests := map[string]struct {
		email string
		given func(house)
		want  error
	}{
		"the right password starts a session": {
			email: " ADA@example.com",
			given: func(h house) {
				good(h)
				gomock.InOrder(
					lock(h, ada, nil),
					h.sessions.EXPECT().AddSession(inside(), session, hashOf(token)).Return(nil).Call,
					h.users.EXPECT().Me(inside(), ada.ID).Return(domain.Me{User: ada}, nil).Call,
				)
			},
		},
		"a wrong password is refused":                         {email: "ada@example.com", given: knows("ada@example.com", ada, "hash", false), want: domain.ErrInvalidCredentials},
		"an unknown address takes the same way":               {email: "eve@example.com", given: knowsNot("eve@example.com"), want: domain.ErrInvalidCredentials},
		"what is no address takes the same way":               {email: "adı@example.com", given: knowsNot(""), want: domain.ErrInvalidCredentials},
		"a suspended account takes the same way":              {email: "ada@example.com", given: knows("ada@example.com", suspended, "hash", true), want: domain.ErrInvalidCredentials},
		"a suspension during the verification is not missed":  {email: "ada@example.com", given: func(h house) { good(h); lock(h, suspended, nil) }, want: domain.ErrInvalidCredentials},
		"an account that is gone meanwhile is not told":       {email: "ada@example.com", given: func(h house) { good(h); lock(h, domain.User{}, domain.ErrUserNotFound) }, want: domain.ErrInvalidCredentials},
		"a fault at the lock is not taken for wrong password": {email: "ada@example.com", given: func(h house) { good(h); lock(h, domain.User{}, fault) }, want: fault},
		"a database that is down is not a wrong password": {
			email: "ada@example.com",
			given: func(h house) {
				h.users.EXPECT().UserByEmail(outside(), domain.Email("ada@example.com")).Return(domain.User{}, "", domain.ErrUnavailable)
			},
			want: domain.ErrUnavailable,
		},
		"too many verifications at once are told": {
			email: "ada@example.com",
			given: func(h house) {
				h.users.EXPECT().UserByEmail(outside(), domain.Email("ada@example.com")).Return(ada, "hash", nil)
				h.hasher.EXPECT().Verify(outside(), password, "hash").Return(false, domain.ErrBusy)
			},
			want: domain.ErrBusy,
		},
		"a fault at the session is passed on": {
			email: "ada@example.com",
			given: func(h house) {
				good(h)
				lock(h, ada, nil)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token)).Return(fault)
			},
			want: fault,
		},
		"a fault at reading the account is passed on": {
			email: "ada@example.com",
			given: func(h house) {
				good(h)
				lock(h, ada, nil)
				h.sessions.EXPECT().AddSession(inside(), session, hashOf(token)).Return(nil)
				h.users.EXPECT().Me(inside(), ada.ID).Return(domain.Me{}, fault)
			},
			want: fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			tt.given(h)
			got, err := h.SignIn(t.Context(), anyone, tt.email, password, "Firefox")

			if !errors.Is(err, tt.want) {
				t.Fatalf("SignIn: error %v, want %v", err, tt.want)
			}
			var want domain.SignedIn
			var audit []domain.Change
			var by []domain.Actor
			if tt.want == nil {
				want = domain.SignedIn{Session: session, Token: token, Me: domain.Me{User: ada}}
				audit = []domain.Change{{Action: domain.ActSessionStart, Subject: session.ID.String()}}
				by = []domain.Actor{{UserID: ada.ID, Role: ada.Role, SessionID: session.ID, Origin: origin}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("SignIn (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(by, h.uow.Actors); diff != "" {
				t.Errorf("recorded as done by (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedSignInsLookTheSame(t *testing.T) {
	t.Parallel()

	suspended := ada
	suspended.SuspendedAt = new(noon)
	answers := map[string]error{}
	for name, user := range map[string]*domain.User{"unknown": nil, "wrong password": &ada, "suspended": &suspended} {
		h := newHouse(t)
		if user == nil {
			h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).Return(domain.User{}, "", domain.ErrUserNotFound)
		} else {
			h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).Return(*user, "hash", nil)
		}
		h.hasher.EXPECT().Verify(gomock.Any(), gomock.Any(), gomock.Any()).Return(name == "suspended", nil)
		_, answers[name] = h.SignIn(t.Context(), anyone, "ada@example.com", password, "")
	}
	for name, err := range answers {
		if err.Error() != answers["unknown"].Error() {
			t.Errorf("%s: %v, unlike an unknown address: %v", name, err, answers["unknown"])
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()

	t.Run("it ends this session", func(t *testing.T) {
		t.Parallel()

		h := newHouse(t)
		h.sessions.EXPECT().RemoveSession(inside(), as(ada).SessionID).Return(nil)
		err := h.SignOut(t.Context(), as(ada))
		want := []domain.Change{{Action: domain.ActSessionEnd, Subject: as(ada).SessionID.String()}}
		if diff := cmp.Diff(want, h.uow.Changes); diff != "" || err != nil {
			t.Errorf("SignOut: %v; audit (-want +got):\n%s", err, diff)
		}
	})
	t.Run("a fault is passed on and not recorded", func(t *testing.T) {
		t.Parallel()

		h, fault := newHouse(t), errors.New("disk full")
		h.sessions.EXPECT().RemoveSession(inside(), as(ada).SessionID).Return(fault)
		if err := h.SignOut(t.Context(), as(ada)); !errors.Is(err, fault) || len(h.uow.Changes) != 0 {
			t.Errorf("SignOut: %v, recorded %v", err, h.uow.Changes)
		}
	})
	t.Run("who is not signed in has no session to end", func(t *testing.T) {
		t.Parallel()

		if err := newHouse(t).SignOut(t.Context(), anyone); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("SignOut: %v, want %v", err, domain.ErrForbidden)
		}
	})
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()

	suspended := ada
	suspended.SuspendedAt = new(noon)
	alive := domain.Session{ID: domain.SessionID{50}, User: ada.ID, LastSeenAt: noon.Add(-lifetime.Idle + 1), ExpiresAt: noon.Add(1)}
	idle, old := alive, alive
	idle.LastSeenAt = noon.Add(-lifetime.Idle)
	old.ExpiresAt = noon

	finds := func(s domain.Session, u domain.User, err error) func(house) {
		return func(h house) {
			h.sessions.EXPECT().Session(outside(), hashOf(token)).Return(s, u, as(ada), err)
		}
	}
	tests := map[string]struct {
		token domain.Secret
		given func(house)
		want  error
	}{
		"a good token says who carries it":            {token, finds(alive, ada, nil), nil},
		"an unknown token says nothing":               {token, finds(domain.Session{}, domain.User{}, domain.ErrUnauthenticated), domain.ErrUnauthenticated},
		"a session that was idle too long is over":    {token, finds(idle, ada, nil), domain.ErrSessionExpired},
		"a session that lasted too long is over":      {token, finds(old, ada, nil), domain.ErrSessionExpired},
		"a suspended user is not let in":              {token, finds(alive, suspended, nil), domain.ErrUnauthenticated},
		"a suspended user's old session tells less":   {token, finds(idle, suspended, nil), domain.ErrUnauthenticated},
		"a database that is down is no bad token":     {token, finds(domain.Session{}, domain.User{}, domain.ErrUnavailable), domain.ErrUnavailable},
		"no token is not looked up":                   {"", func(house) {}, domain.ErrUnauthenticated},
		"a token of silly length is not looked up":    {domain.Secret(strings.Repeat("a", 1<<20)), func(house) {}, domain.ErrUnauthenticated},
		"a token that was cut short is not looked up": {token[1:], func(house) {}, domain.ErrUnauthenticated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHouse(t)
			tt.given(h)
			got, err := h.Authenticate(t.Context(), tt.token)

			want := domain.Actor{}
			if tt.want == nil {
				want = as(ada)
			}
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("Authenticate: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
		})
	}
}

func TestRemoveExpiredSessions(t *testing.T) {
	t.Parallel()

	h := newHouse(t)
	h.sessions.EXPECT().RemoveExpiredSessions(gomock.Any(), lifetime, noon).Return(4, nil)
	if n, err := h.RemoveExpiredSessions(t.Context(), domain.System); n != 4 || err != nil {
		t.Errorf("RemoveExpiredSessions = %d, %v", n, err)
	}
	if lifetime.Idle != time.Hour {
		t.Error("the lifetime was changed")
	}
}
