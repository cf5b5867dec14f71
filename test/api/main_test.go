// Package api_test tests the whole server over HTTP, with a database, background jobs and
// the fake WakaTime server. Every response is checked against the contract.
package api_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
