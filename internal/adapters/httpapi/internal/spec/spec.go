// Package spec is the API contract as the server reads it: its operations, and where
// they are served.
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

// BasePath is where the API is served. Everything outside of it is for operators and
// readers.
const BasePath = "/api/v1"

// DefaultLimit is the `default` of the Limit parameter.
const DefaultLimit = 50

// HeaderIdempotencyKey is the parameter of operations that can be retried safely.
const HeaderIdempotencyKey = "Idempotency-Key"

// Load parses the embedded contract, once. Nearly everything it allocates stays in use,
// so collecting garbage while it runs would only double the start-up time.
var Load = sync.OnceValues(func() (*openapi3.T, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the API specification: %w", err)
	}
	return doc, nil
})

// InAPI reports whether a request is for the API.
func InAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, BasePath+"/") }

// EchoPath writes /batches/{batch_id} as /batches/:batch_id.
func EchoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
