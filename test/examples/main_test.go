package examples_test

import (
	"flag"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// update writes what the server answers into the examples of the contract; run it as
// `make examples`.
var update = flag.Bool("update", false, "write the examples of api/examples anew")

func TestMain(m *testing.M) { pgtest.Main(m) }
