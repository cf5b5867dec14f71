package postgres_test

import (
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestOpen_LimitsConnections(t *testing.T) {
	t.Parallel()
	pool := must(postgres.Open(t.Context(), postgres.Config{URL: domain.Secret(pgtest.URL(t)), MaxConns: 3}))
	t.Cleanup(pool.Close)
	for setting, want := range map[string]string{
		"statement_timeout": "5s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "10s", "application_name": "gradus",
	} {
		var got string
		if err := pool.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", setting, got, err, want)
		}
	}
	if got := pool.Config().MaxConns; got != 3 {
		t.Errorf("at most %d connections, want 3", got)
	}
}

func TestOpen_DoesNotConnect(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://gradus:secretpw@127.0.0.1:1/gradus", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
}

func TestOpen_DoesNotRevealThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []domain.Secret{
		"postgres://gradus:secretpw@127.0.0.1:port/gradus",
		"postgres://gradus:secretpw@127.0.0.1/gradus?connect_timeout=secretpw",
		"postgres://gradus:secretpw@127.0.0.1/gradus?pool_max_conns=secretpw",
		"user=gradus password='secretpw",
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 2})
		if err == nil || strings.Contains(err.Error(), "secretpw") {
			t.Errorf("got %v", err)
		}
	}
}
