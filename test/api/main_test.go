// Package api_test tests the whole server from outside: HTTP on a real listener, a real
// database, background jobs, and the fake WakaTime server. Every answer is held to the
// contract.
package api_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
