// Package httpapi serves the API of api/openapi.yaml over HTTP. It is the only package that
// knows about echo, generated request types, and status codes.
//
// This folder holds the slices: one file of handlers and converters per slice (accounts.go,
// batches.go, ...), what they share (convert.go, paging.go, etag.go), and server.go, which
// assembles the server. Everything else is a package below internal.
//
// A request passes these layers, from the outside in:
//
//   - deprecation adds headers to the responses of deprecated operations. It is outermost so
//     that every response has them, problems of the edge included. Without deprecated
//     operations it is left out.
//   - location brings the path into one form: below the path of the public URL, and without
//     the different spellings of one path.
//   - edge creates the request's exchange.Exchange, sets the timeout and the security
//     headers, and finally records metrics and logs one line. It is outside of everything
//     that can fail, so that it sees what was really sent.
//   - cors adds CORS headers for allowed origins, outside of every layer that can reject the
//     request: without these headers a browser hides the response from the script.
//   - compress compresses responses to GET. It is outside of buffer, which sets the length
//     and checks the response, both of which need the plain body.
//   - buffer holds an API response until it is complete and checks it against the contract,
//     so that an error or a panic further in becomes a problem, not half a response. Before
//     it calls the router it rejects URLs that no layer should have to handle (validate.URL)
//     and writes from other sites (cors.Origins.CheckWrite): neither needs a route, and both
//     must also hold for paths that do not exist.
//   - router is echo. It finds the operation, which the layers further in depend on, and
//     records the route for the log and the metrics.
//   - limit counts the request against the rate limit of its operation: by address before the
//     session is read, and by user after that. It comes before validation and everything else
//     that costs more than it does. It needs the operation, so that no other spelling of a path
//     has a limit of its own.
//   - session authenticates the caller. It comes before validation, so that a caller without
//     a session learns nothing about the request but that.
//   - validate checks parameters and body against the contract. Handlers rely on it and check
//     nothing again.
//   - idempotency runs the handler once per Idempotency-Key and replays the response to
//     retries. It comes after validation, so that invalid requests do not use up keys, and
//     is the last layer, because it runs the handler inside a transaction.
//   - The generated code in api decodes the request and calls the handler of the slice, which
//     calls one port and renders the result.
//
// Requests that net/http rejects before a handler sees them are answered by listener, on the
// connection.
//
// An error on any layer is returned, not rendered: problem maps it to a status and renders it
// as problem details, in one place.
//
// The router also serves docs (the contract, its reference, the guides, and an article per
// problem code) and probes (liveness and readiness). They skip the layers for operations.
//
// The mock server has the same layers. It has no rate limits, and in place of idempotency and
// the handlers, mockserver returns the examples of the contract.
//
// Several layers use exchange (the state of one request), spec (the operations of the
// contract), accept (Accept headers), entitytag (ETags), prefer (Prefer headers), and metrics. Tests run the
// whole server on mocked ports with servertest. Which package may import which is in
// internal/arch_test.go.
package httpapi
