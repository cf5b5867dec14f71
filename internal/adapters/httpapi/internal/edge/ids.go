package edge

import (
	"net/http"
	"regexp"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// requestIDPattern limits the request IDs that are kept. They are part of headers, of log
// lines and of the audit log, whose contract allows 128 characters.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:/+=@-]{1,128}$`)

// requestID returns the X-Request-Id of a request, so that the logs of a proxy or a client
// lead to ours. If it is missing, ambiguous or not of the form above, it returns a new one.
func (e *handler) requestID(r *http.Request) string {
	if ids := r.Header.Values(echo.HeaderXRequestID); len(ids) == 1 && requestIDPattern.MatchString(ids[0]) {
		return ids[0]
	}
	return uuid.UUID(e.newID()).String()
}

// traceID returns the trace of a request that has a valid traceparent header (W3C Trace
// Context), or else "".
func traceID(r *http.Request) string {
	if len(r.Header.Values("Traceparent")) != 1 {
		return ""
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		return span.TraceID().String()
	}
	return ""
}
