// Package deprecation adds headers to the responses of deprecated operations.
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

// guide links to the guide that explains deprecation, below the prefix of the server.
const guide = `<%s/docs/guides/versions>; rel="deprecation"; type="text/html"`

// handler adds the headers to all responses of deprecated operations, problems included.
type handler struct {
	operations *http.ServeMux // finds the operation of a request
	requests   *prometheus.CounterVec
	link       string
	next       http.Handler
}

// Announce returns next with headers for the operations that the contract deprecates. It
// counts requests to them by operation and client. Without deprecated operations it returns
// next itself. prefix is that of the server's paths, as clients see them.
func Announce(next http.Handler, doc *openapi3.T, prefix string, requests *prometheus.CounterVec) (http.Handler, error) {
	a := &handler{http.NewServeMux(), requests, fmt.Sprintf(guide, prefix), next}
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
			// Add all operations, so that /users/me does not match /users/{user_id}.
			a.operations.Handle(method+" "+spec.BasePath+path, d)
		}
	}
	if deprecated == 0 {
		return next, nil
	}
	return a, nil
}

// ServeHTTP adds the headers, if any, and calls next.
func (a *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, _ := a.operations.Handler(r)
	if d, _ := found.(deprecation); d.since != "" {
		h := w.Header()
		h.Set("Deprecation", d.since)
		h.Set("Sunset", d.sunset)
		h.Add("Link", a.link)
		a.requests.WithLabelValues(d.operation, clientOf(r.UserAgent())).Inc()
	}
	a.next.ServeHTTP(w, r)
}

// deprecation holds the headers of one operation. It is zero if the operation is not
// deprecated.
type deprecation struct {
	operation string
	since     string // RFC 9745: a structured-field date
	sunset    string // RFC 8594: an HTTP date
}

// ServeHTTP lets a ServeMux hold deprecations. It is never called.
func (deprecation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// deprecationOf returns the deprecation of an operation in the contract.
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

// ownClients are the User-Agent products of our own clients.
var ownClients = map[string]bool{"gradus-typescript": true, "gradus-go": true, "gradus-python": true}

// clientOf returns the label of a client. There are only a few: one label per invented
// User-Agent would exhaust memory.
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
