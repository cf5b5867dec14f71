package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Every scope is that of an operation, and every operation says in its description what an API
// token needs.
func TestScopes_AreThoseOfOperations(t *testing.T) {
	t.Parallel()
	doc := load(t)
	used := map[domain.APIScope]bool{"read": true, "write": true}
	for _, o := range operations(doc) {
		scope, _ := o.Extensions["x-scope"].(string)
		public := o.Security != nil && len(*o.Security) == 0
		note := "API tokens cannot call this operation"
		if scope != "" {
			used[domain.APIScope(scope)] = true
			note = "scope: `" + scope + "`"
		}
		if described := strings.Contains(o.Description, note); described == public {
			t.Errorf("%s: the description has %q: %v", o, note, described)
		}
		if scope != "" && (public || o.Extensions["x-fresh"] == true) {
			t.Errorf("%s has the scope %s, but does not accept API tokens", o, scope)
		}
	}
	want := slices.Sorted(maps.Keys(used))
	if got := slices.Sorted(slices.Values(domain.APIScopes())); !slices.Equal(got, want) {
		t.Errorf("domain.APIScopes returns %v; operations have %v", got, want)
	}
	if got := enum(doc.Components.Schemas["ApiTokenScope"]); !slices.Equal(got, domain.APIScopes()) {
		t.Errorf("ApiTokenScope has the values %v, domain.APIScopes returns %v", got, domain.APIScopes())
	}
}

func enum(schema *openapi3.SchemaRef) (out []domain.APIScope) {
	for _, v := range schema.Value.Enum {
		out = append(out, domain.APIScope(fmt.Sprint(v)))
	}
	return out
}

// What decides how people get access is closed to API tokens: whoever has one must not be able to
// keep access after it was revoked.
func TestScopes_CredentialsAreClosedToAPITokens(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		for _, part := range []string{"/auth/", "password", "session", "api-token", "totp", "recovery", "/role", "email"} {
			if o.Extensions["x-scope"] != nil && strings.Contains(o.path, part) {
				t.Errorf("%s accepts API tokens; remove x-api-tokens", o)
			}
		}
	}
}
