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

// maxDepth is how deep a JSON body may nest; ours need four levels.
const maxDepth = 32

// StrictJSON refuses what two JSON parsers could read in two ways: duplicate keys,
// trailing data, text that is not Unicode. The validator and the handlers would
// otherwise see different bodies. NUL is refused because the database cannot keep it,
// and fractions because no request has any.
func StrictJSON(body []byte) error {
	if !utf8.Valid(body) {
		return problem.ErrMalformed.With("The body is not UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := checkValue(d, "", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem.ErrMalformed.With("There is something after the end of the JSON value.")
	}
	return nil
}

func checkValue(d *json.Decoder, at string, depth int) error {
	if depth > maxDepth {
		return problem.ErrMalformed.With(fmt.Sprintf("The JSON nests deeper than %d levels.", maxDepth))
	}
	token, err := d.Token()
	if err != nil {
		return problem.ErrMalformed.With("The body is not valid JSON.")
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return checkObject(d, at, depth)
		}
		return checkArray(d, at, depth)
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			// 1.0 is a whole number to the validator and none to the handlers.
			return wrongField(at, "type", "Give a whole number, without a point or an exponent.")
		}
	case string:
		if strings.ContainsAny(v, "\x00\uFFFD") {
			// U+FFFD is also what half a surrogate pair is read as.
			return wrongField(at, "characters", "NUL and broken characters are not allowed.")
		}
	}
	return nil
}

func checkObject(d *json.Decoder, at string, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return problem.ErrMalformed.With("The body is not valid JSON.")
		}
		if seen[key] {
			return problem.ErrMalformed.With(fmt.Sprintf("The key %q stands twice in one object.", problem.Clip(key, 64)))
		}
		seen[key] = true
		if err := checkValue(d, at+"/"+problem.EscapePointer(key), depth+1); err != nil {
			return err
		}
	}
	return closing(d)
}

func checkArray(d *json.Decoder, at string, depth int) error {
	for i := 0; d.More(); i++ {
		if err := checkValue(d, fmt.Sprintf("%s/%d", at, i), depth+1); err != nil {
			return err
		}
	}
	return closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return problem.ErrMalformed.With("The body is not valid JSON.")
	}
	return nil
}

func wrongField(pointer, code, detail string) error {
	e := &problem.ValidationError{}
	e.Pointer(pointer, code, detail)
	return e
}
