package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// maxDepth limits the nesting of JSON bodies. The contract needs four levels.
const maxDepth = 32

// StrictJSON rejects JSON that two parsers could read differently: duplicate keys, trailing
// data, invalid Unicode. Otherwise the validator and the handlers could see different
// bodies. It also rejects NUL, which the database cannot store, and fractions, which no
// request has.
func StrictJSON(body []byte) error {
	if !utf8.Valid(body) {
		return problem.ErrMalformed.With("The body is not valid UTF-8.")
	}
	d := decoder{Decoder: json.NewDecoder(bytes.NewReader(body))}
	d.UseNumber()
	if err := d.checkValue("", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem.ErrMalformed.With("The body continues after the JSON value. Send a single value.")
	}
	if len(d.bad.Fields) > 0 {
		return &d.bad
	}
	return nil
}

// decoder reads JSON and collects invalid fields.
type decoder struct {
	*json.Decoder

	bad problem.ValidationError
}

func (d *decoder) checkValue(at string, depth int) error {
	if depth > maxDepth {
		return problem.ErrMalformed.With(fmt.Sprintf("The JSON is nested more than %d levels deep.", maxDepth))
	}
	token, err := d.Token()
	if err != nil {
		return problem.ErrMalformed.With("The body is not valid JSON.")
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return d.checkObject(at, depth)
		}
		return d.checkArray(at, depth)
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			// 1.0 is an integer to the validator, but not to the handlers.
			d.bad.Pointer(at, "wrong_type", "Use a whole number, without a decimal point or an exponent.")
		}
	case string:
		if strings.ContainsAny(v, "\x00\uFFFD") {
			// The decoder replaces half a surrogate pair by U+FFFD.
			d.bad.Pointer(at, "characters", "This text contains NUL or invalid Unicode. Remove it.")
		}
	}
	return nil
}

func (d *decoder) checkObject(at string, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return problem.ErrMalformed.With("The body is not valid JSON.")
		}
		if seen[key] {
			return problem.ErrMalformed.With(fmt.Sprintf("The key %q is repeated in one object. Send it once.", problem.Clip(key, 64)))
		}
		seen[key] = true
		if err := d.checkValue(at+"/"+problem.EscapePointer(key), depth+1); err != nil {
			return err
		}
	}
	return d.closing()
}

func (d *decoder) checkArray(at string, depth int) error {
	for i := 0; d.More(); i++ {
		if err := d.checkValue(fmt.Sprintf("%s/%d", at, i), depth+1); err != nil {
			return err
		}
	}
	return d.closing()
}

func (d *decoder) closing() error {
	if _, err := d.Token(); err != nil {
		return problem.ErrMalformed.With("The body is not valid JSON.")
	}
	return nil
}
