package validate

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Rule returns what is invalid about the fields of a body, each of which the contract
// allows. The body may lack required fields.
type Rule func(body []byte) error

// Rules are rules by operation.
type Rules map[string]Rule

// add adds what the rule of an operation says about the fields that are not invalid already,
// so that a form need not be sent twice to learn about all its fields.
func (r Rules) add(bad *problem.ValidationError, operation string, body []byte) {
	rule := r[operation]
	var fields map[string]json.RawMessage
	if rule == nil || json.Unmarshal(body, &fields) != nil {
		return
	}
	for _, f := range bad.Fields {
		if f.Pointer != nil {
			name, _, _ := strings.Cut(strings.TrimPrefix(*f.Pointer, "/"), "/")
			delete(fields, name)
		}
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return // fields is valid JSON
	}
	broken, _ := errors.AsType[*domain.Error](rule(rest))
	if broken == nil {
		return
	}
	for _, f := range broken.Fields {
		if _, sent := fields[f.Field]; sent {
			bad.Pointer("/"+f.Field, f.Code, f.Detail)
		}
	}
}
