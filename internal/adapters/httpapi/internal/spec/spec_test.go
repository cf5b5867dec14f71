package spec_test

import (
	"fmt"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

func TestDefaultLimit_MatchesTheContract(t *testing.T) {
	t.Parallel()
	doc, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	limit := doc.Components.Parameters["Limit"].Value.Schema.Value
	if got, want := fmt.Sprint(spec.DefaultLimit), fmt.Sprint(limit.Default); got != want {
		t.Errorf("DefaultLimit is %s, want %s as in the contract", got, want)
	}
}
