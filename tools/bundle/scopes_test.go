package main

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// Operations on accounts are closed to API tokens, unless they are opened, and the others are open.
func TestScopeOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ method, op, want string }{
		"a read":             {"get", "tags: [things]", "things:read"},
		"a write":            {"delete", "tags: [things]", "things:write"},
		"a closed one":       {"get", "{tags: [things], x-api-tokens: false}", ""},
		"one of an account":  {"get", "tags: [accounts]", ""},
		"one that is opened": {"patch", "{tags: [accounts], x-api-tokens: true}", "accounts:write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(tc.op), &doc); err != nil {
				t.Fatal(err)
			}
			if got, err := scopeOf(tc.method, doc.Content[0]); got != tc.want || err != nil {
				t.Errorf("the scope is %q, %v, want %q", got, err, tc.want)
			}
		})
	}
}
