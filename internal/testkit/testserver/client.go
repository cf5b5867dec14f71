package testserver

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
)

// Client returns a client of the server that checks all responses against the contract.
func (s *Server) Client(tb testing.TB) apiclient.Client {
	tb.Helper()
	c := apiclient.New(tb, s.URL, contract.Client)
	c.Log, c.Now = s.Log.Of, s.Clock.Now
	return c
}

// passwordHash is the hash of Password. Hashing takes longer than most tests.
var passwordHash = sync.OnceValues(func() (string, error) {
	hasher := secrets.NewPasswordHasher(secrets.Config{})
	return hasher.Hash(context.Background(), Password)
})

// AddUser inserts a user with Password into the database and returns their ID. Unlike a
// registration, it leaves no session and no audit entry.
func (s *Server) AddUser(tb testing.TB, email, name, role string) string {
	tb.Helper()
	hash, err := passwordHash()
	if err != nil {
		tb.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7()).String()
	s.Exec(tb, `INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, email, name, role, hash, s.Clock.Now())
	return id
}

// AddSession inserts a session of a user into the database. Unlike signing in, it does not
// verify a password, and it leaves no audit entry.
func (s *Server) AddSession(tb testing.TB, email string) apiclient.Session {
	tb.Helper()
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	token := base64.RawURLEncoding.EncodeToString(random)
	hash, now := sha256.Sum256([]byte(token)), s.Clock.Now()
	user := s.Strings(tb, `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at, authenticated_at)
SELECT $1, id, $2, '', $3, $3, $4, $3 FROM users WHERE email = $5
RETURNING user_id || ' ' || (SELECT role FROM users WHERE email = $5)`,
		uuid.Must(uuid.NewV7()), hash[:], now, now.Add(s.Config.SessionLifetime), email)
	if len(user) == 0 {
		tb.Fatalf("there is no user %s", email)
	}
	id, role, _ := strings.Cut(user[0], " ")
	return apiclient.Session{Token: token, ID: id, Role: role, Email: email}
}

// AddRefreshToken inserts a session of a user into the database, and returns its refresh token.
func (s *Server) AddRefreshToken(tb testing.TB, email string) string {
	tb.Helper()
	secret := func() domain.Secret {
		random := make([]byte, 32)
		_, _ = rand.Read(random)
		return domain.Secret(base64.RawURLEncoding.EncodeToString(random))
	}
	token := domain.RefreshToken{Family: secret(), Secret: secret()}
	family, current := sha256.Sum256([]byte(token.Family.Reveal())), sha256.Sum256([]byte(token.Text().Reveal()))
	access := sha256.Sum256([]byte(s.AddSession(tb, email).Token))
	s.Exec(tb, `UPDATE sessions SET token_expires_at = $2 WHERE token_hash = $1`, access[:], s.Clock.Now().Add(s.Config.AccessTokenLifetime))
	s.Exec(tb, `INSERT INTO refresh_tokens (session_id, family_hash, current_hash, salt) SELECT id, $2, $3, '' FROM sessions WHERE token_hash = $1`,
		access[:], family[:], current[:])
	return token.Text().Reveal()
}

// SignedIn returns a client of a user that AddUser creates.
func (s *Server) SignedIn(tb testing.TB, email, name, role string) apiclient.Client {
	tb.Helper()
	s.AddUser(tb, email, name, role)
	return s.Client(tb).As(s.AddSession(tb, email))
}
