// Package spec is the API contract as the server reads it: its operations, and the paths
// at which they are served.
package spec

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// BasePath is the prefix of all API paths.
const BasePath = "/api/v1"

// DefaultLimit is the `default` of the Limit parameter.
const DefaultLimit = 50

// HeaderIdempotencyKey is the header that makes an operation safe to retry.
const HeaderIdempotencyKey = "Idempotency-Key"

// Load parses the embedded contract, once. Nearly everything it allocates stays in use,
// so garbage collection during parsing would only double the start-up time.
var Load = sync.OnceValues(func() (*openapi3.T, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("load the API specification: %w", err)
	}
	return doc, nil
})

// InAPI reports whether r is a request to the API rather than to a document or a probe.
func InAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, BasePath+"/") }

// EchoPath converts a path to echo's syntax: /batches/{batch_id} becomes /batches/:batch_id.
func EchoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
