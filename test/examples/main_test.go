package examples_test

import (
	"flag"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// update writes the responses of the server to the examples of the contract; run it as
// `make examples`.
var update = flag.Bool("update", false, "write api/examples")

func TestMain(m *testing.M) { pgtest.Main(m) }
