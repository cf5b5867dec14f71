package operations

import (
	"regexp"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// Examples are the success examples of an operation by name. A request example has the
// name of its response example; a response without a body has an empty name.
type Examples map[string]Example

// Example says how a documented request is sent to the server with the demo class.
type Example struct {
	As   string            // the caller: the email address before the @; empty for an anonymous one
	Path map[string]string // path parameters whose values are not the examples
	// Prepare does what has to happen before, and adds to the body, which is nil if there is
	// none, what depends on the server.
	Prepare func(c apiclient.Client, body apiclient.Object)
}

// Volatile are the values of a response that differ each time. Everything else in an
// example is exactly what the server returns.
type Volatile []Mask

// Mask selects the part of a response that differs.
type Mask struct {
	At   string         // a path of property names and indexes of lists, such as items.0.id
	Part *regexp.Regexp // the part of the value that differs; nil for the whole value
	Why  string
}
