package spec

import (
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Operation is what the layers of the server need to know about one operation.
type Operation struct {
	Route       *routers.Route
	Public      bool // needs no session
	WithoutTOTP bool // can be called before a user enables TOTP that their role needs
	Parameters  []*openapi3.Parameter
	Query       map[string]bool // all parameters by name; true if in the query
	Idempotent  bool            // accepts an Idempotency-Key
	HoldsSecret bool            // a GET whose response contains a secret
	Limit       string          // the class of its rate limit
	Scope       domain.APIScope // of the API tokens that can call it; empty if none can
}

// Operations maps methods and paths, in echo's syntax, to operations.
type Operations map[route]*Operation

type route struct{ method, path string }

// NewOperations returns all operations of a contract.
func NewOperations(doc *openapi3.T) Operations {
	all := Operations{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			query := map[string]bool{}
			scope, _ := op.Extensions["x-scope"].(string)
			parameters := parameters(item, op)
			for _, p := range parameters {
				query[p.Name] = p.In == openapi3.ParameterInQuery
			}
			all[route{method, BasePath + EchoPath(path)}] = &Operation{
				Route:       &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op},
				Public:      op.Security != nil && len(*op.Security) == 0,
				WithoutTOTP: op.Extensions["x-without-totp"] == true,
				Parameters:  parameters,
				Query:       query,
				Idempotent:  op.Parameters.GetByInAndName(openapi3.ParameterInHeader, HeaderIdempotencyKey) != nil,
				HoldsSecret: method == http.MethodGet && op.Extensions["x-holds-secret"] == true,
				Limit:       fmt.Sprint(op.Extensions["x-limit"]),
				Scope:       domain.APIScope(scope),
			}
		}
	}
	return all
}

// parameters returns the parameters of an operation. Its own replace those of its path.
func parameters(item *openapi3.PathItem, op *openapi3.Operation) []*openapi3.Parameter {
	var all []*openapi3.Parameter
	for _, p := range item.Parameters {
		if op.Parameters.GetByInAndName(p.Value.In, p.Value.Name) == nil {
			all = append(all, p.Value)
		}
	}
	for _, p := range op.Parameters {
		all = append(all, p.Value)
	}
	return all
}

// Find returns the operation with a method and a path in echo's syntax, or nil.
func (o Operations) Find(method, path string) *Operation { return o[route{method, path}] }
