// Package cost_test holds what each read costs: the statements, round trips and shared
// buffers of a request, with the statistics of 10,000 students. A plan that reads too much
// fails here, on any machine, because nothing is timed.
package cost_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
