package spec

import (
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Operation is what the layers of the server need of one operation.
type Operation struct {
	Route       *routers.Route
	Public      bool            // may be called without signing in
	Query       map[string]bool // its parameters; true for those of the query
	Idempotent  bool            // accepts an Idempotency-Key
	HoldsSecret bool            // its response to GET holds a secret
}

// Operations finds the operation that a request was routed to.
type Operations map[string]*Operation // by method and echo's path

// NewOperations reads all operations of a contract.
func NewOperations(doc *openapi3.T) Operations {
	all := Operations{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			query := map[string]bool{}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				query[p.Value.Name] = p.Value.In == openapi3.ParameterInQuery
			}
			all[method+" "+BasePath+EchoPath(path)] = &Operation{
				Route:       &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op},
				Public:      op.Security != nil && len(*op.Security) == 0,
				Query:       query,
				Idempotent:  op.Parameters.GetByInAndName(openapi3.ParameterInHeader, HeaderIdempotencyKey) != nil,
				HoldsSecret: method == http.MethodGet && op.Extensions["x-holds-secret"] == true,
			}
		}
	}
	return all
}

// Find returns the operation of a method and a path as echo writes it, or nil if the
// request is for none.
func (o Operations) Find(method, path string) *Operation { return o[method+" "+path] }
