// Package deprecation tells callers of deprecated operations until when they work.
package deprecation

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// deprecationGuide says what deprecated means here, and until when.
const deprecationGuide = `</docs/guides/versions>; rel="deprecation"; type="text/html"`

// announcer is the layer around all others: it adds the headers of deprecated operations
// to whatever is answered, refusals included, and counts who still calls them.
type announcer struct {
	operations *http.ServeMux // only asked which operation a request is for
	counted    *prometheus.CounterVec
	inner      http.Handler
}

// Announce puts what the contract declares as deprecated around a handler. It counts
// requests by operation and client.
func Announce(inner http.Handler, doc *openapi3.T, requests *prometheus.CounterVec) (http.Handler, error) {
	a := &announcer{http.NewServeMux(), requests, inner}
	deprecated := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			d, err := deprecationOf(op)
			if err != nil {
				return nil, fmt.Errorf("%s %s of the API specification: %w", method, path, err)
			}
			if op.Deprecated {
				deprecated++
			}
			// All of them, because /users/me would not be /users/{user_id}.
			a.operations.Handle(method+" "+spec.BasePath+path, d)
		}
	}
	if deprecated == 0 {
		return inner, nil
	}
	return a, nil
}

// ServeHTTP answers one request.
func (a *announcer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, _ := a.operations.Handler(r)
	if d, _ := found.(deprecation); d.since != "" {
		h := w.Header()
		h.Set("Deprecation", d.since)
		h.Set("Sunset", d.sunset)
		h.Add("Link", deprecationGuide)
		a.counted.WithLabelValues(d.operation, clientOf(r.UserAgent())).Inc()
	}
	a.inner.ServeHTTP(w, r)
}

// deprecation is what every answer of one operation tells its callers; empty when the
// operation is not deprecated.
type deprecation struct {
	operation string
	since     string // RFC 9745: a date of structured fields
	sunset    string // RFC 8594: an HTTP date
}

// ServeHTTP makes a deprecation something that a ServeMux finds. It is never called.
func (deprecation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// deprecationOf reads what the spec says about an operation.
func deprecationOf(op *openapi3.Operation) (deprecation, error) {
	if !op.Deprecated {
		return deprecation{}, nil
	}
	since, err := dateIn(op, "x-deprecated-at")
	if err != nil {
		return deprecation{}, err
	}
	sunset, err := dateIn(op, "x-sunset")
	if err != nil {
		return deprecation{}, err
	}
	return deprecation{op.OperationID, fmt.Sprintf("@%d", since.Unix()), sunset.Format(http.TimeFormat)}, nil
}

func dateIn(op *openapi3.Operation, extension string) (time.Time, error) {
	text, _ := op.Extensions[extension].(string)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fmt.Errorf("%s: %w", extension, err)
	}
	return day, nil
}

// ownClients are the products that our own clients name themselves by.
var ownClients = map[string]bool{"gradus-typescript": true, "gradus-go": true, "gradus-python": true}

// clientOf says which client sends a request, of a few: a label for each User-Agent
// that somebody makes up would fill the memory.
func clientOf(userAgent string) string {
	product, _, _ := strings.Cut(userAgent, "/")
	switch {
	case ownClients[product]:
		return product
	case product == "Mozilla":
		return "browser"
	}
	return "other"
}
