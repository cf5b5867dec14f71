// Package operations describes each operation of the API to the test suites: who may call
// it, which requests the documentation shows, and which call of a port its handler makes.
//
// There is one file per slice, and the suites fail for an operation without an entry. The
// entries are written by hand: they are independent of the policy, the contract and the
// handlers that the suites compare them with.
package operations

import (
	"maps"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

// RegistrationFile is the file in which an operation is registered.
const RegistrationFile = "internal/testkit/operations/<slice>.go"

// Operation is what the suites know about an operation.
type Operation struct {
	Access   Access
	Examples Examples
	Volatile Volatile
	Calls    Calls
}

var (
	all   = map[string]Operation{}
	mocks []func(*gomock.Controller, *httpapi.UseCases)
)

// All returns the operations of all slices by operationId.
func All() map[string]Operation { return maps.Clone(all) }

// register adds a slice: the mocks of its driving ports, and its operations.
func register(mock func(*gomock.Controller, *httpapi.UseCases), slice func() map[string]Operation) {
	mocks = append(mocks, mock)
	for id, op := range slice() {
		if _, ok := all[id]; ok {
			panic("two slices describe the operation " + id)
		}
		all[id] = op
	}
}
