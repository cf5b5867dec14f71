package docs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

type sample struct{ Lang, Label, Source string }

// withoutSamples removes the code samples from the contract and returns them by operation.
func withoutSamples(t *testing.T, contract any) map[string][]sample {
	t.Helper()
	samples := map[string][]sample{}
	for _, item := range contract.(map[string]any)["paths"].(map[string]any) {
		for _, o := range item.(map[string]any) {
			op, ok := o.(map[string]any)
			if !ok {
				continue
			}
			text, err := json.Marshal(op["x-codeSamples"])
			if err != nil {
				t.Fatal(err)
			}
			var found []sample
			if err := json.Unmarshal(text, &found); err != nil {
				t.Fatal(err)
			}
			samples[op["operationId"].(string)] = found
			delete(op, "x-codeSamples")
		}
	}
	return samples
}

func TestContract_HasSamplesInEachLanguage(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	samples := withoutSamples(t, servertest.Decode(t, s.Do(t, servertest.Document("/openapi.json")).Text))
	for id, found := range samples {
		var languages []string
		for _, x := range found {
			languages = append(languages, x.Lang)
			if strings.Contains(x.Source, "gradus.example.org") || !strings.Contains(x.Source, servertest.Origin+"/api/v1") {
				t.Errorf("the sample of %s in %s does not call this server:\n%s", id, x.Label, x.Source)
			}
		}
		if got := strings.Join(languages, " "); got != "typescript go python" {
			t.Errorf("%s has samples in %q; run make samples", id, got)
		}
	}
	var all map[string][]sample
	if err := json.Unmarshal(api.Samples, &all); err != nil {
		t.Fatal(err)
	}
	for id := range all {
		if _, ok := samples[id]; !ok {
			t.Errorf("there are samples for the unknown operation %s; run make samples", id)
		}
	}
}
