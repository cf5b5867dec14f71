package spec

import (
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Operation is what the layers of the server need to know about one operation.
type Operation struct {
	Route       *routers.Route
	Public      bool            // needs no session
	Query       map[string]bool // all parameters by name; true if in the query
	Idempotent  bool            // accepts an Idempotency-Key
	HoldsSecret bool            // a GET whose response contains a secret
}

// Operations maps "METHOD /path", with the path in echo's syntax, to operations.
type Operations map[string]*Operation

// NewOperations returns all operations of a contract.
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

// Find returns the operation with a method and a path in echo's syntax, or nil.
func (o Operations) Find(method, path string) *Operation { return o[method+" "+path] }
