package validate

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/domain"
)

// collect adds every violation that kin-openapi found in a parameter, or in the body if in
// is nil. It never adds the values themselves: one may be a password.
func collect(e *problem.ValidationError, err error, in *openapi3.Parameter) {
	switch found := err.(type) { //nolint:errorlint // unwrapped level by level, to keep the place of each error
	case openapi3.MultiError:
		for _, one := range found {
			collect(e, one, in)
		}
	case *openapi3filter.RequestError:
		collect(e, found.Err, found.Parameter)
	case *openapi3.SchemaError:
		if fits(found) {
			return
		}
		path, unknown := found.JSONPointer(), ""
		if found.SchemaField == "properties" {
			// Only the message says which field it is.
			_, _ = fmt.Sscanf(found.Reason, "property %q is unsupported", &unknown)
			path = append(path, unknown)
		}
		place(e, in, path, code(found), sentence(found))
	default:
		if errors.Is(err, openapi3filter.ErrInvalidEmptyValue) {
			place(e, in, nil, "empty", "This must not be empty.")
			return
		}
		place(e, in, nil, "wrong_type", "This value has the wrong type.")
	}
}

// fits reports whether a text that is too long is short enough in the form that is stored or
// hashed: lengths are those of that form. The domain counts again.
func fits(err *openapi3.SchemaError) bool {
	text, ok := err.Value.(string)
	if !ok || err.SchemaField != "maxLength" {
		return false
	}
	if err.Schema.Format == "password" {
		text = domain.NormalizePassword(domain.Secret(text)).Reveal()
	}
	return uint64(utf8.RuneCountInString(domain.CleanText(text))) <= *err.Schema.MaxLength
}

func place(e *problem.ValidationError, in *openapi3.Parameter, path []string, code, detail string) {
	if in != nil {
		e.Parameter(in.Name, code, detail)
		return
	}
	var at strings.Builder
	for _, part := range path {
		at.WriteString("/" + problem.EscapePointer(part))
	}
	e.Pointer(at.String(), code, detail)
}

// code returns the code of a violation of a schema. Codes say what is wrong with the field,
// in the style of those of the domain, and share them where both find the same fault.
func code(err *openapi3.SchemaError) string {
	switch err.SchemaField {
	case "required":
		return "required"
	case "properties":
		return "unknown_property"
	case "nullable":
		return "not_null"
	case "type":
		return "wrong_type"
	case "format":
		return cmp.Or(formatCodes[err.Schema.Format], "malformed")
	case "enum":
		return "unknown_value"
	case "minimum", "maximum":
		return "out_of_range"
	case "minLength", "maxLength":
		return "length"
	}
	return "malformed"
}

// formatCodes are the codes of values that do not have their format.
var formatCodes = map[string]string{
	"uuid": "id_invalid", "email": "email_invalid", "date": "day_invalid", "date-time": "timestamp_invalid",
}

// sentence describes a violation of a schema.
func sentence(err *openapi3.SchemaError) string {
	s := err.Schema
	switch err.SchemaField {
	case "required":
		return "This field is required."
	case "properties":
		return "This field does not exist. Check its spelling, or remove it."
	case "nullable":
		return "This must not be null."
	case "type":
		return "This must be of type " + strings.Join(s.Type.Slice(), " or ") + "."
	case "format":
		return "This is not " + cmp.Or(forms[s.Format], "of the form "+s.Format) + "."
	case "enum":
		return fmt.Sprintf("Use one of: %s.", strings.Trim(fmt.Sprint(s.Enum), "[]"))
	case "minimum":
		return fmt.Sprintf("This must be at least %v.", *s.Min)
	case "maximum":
		return fmt.Sprintf("This must be at most %v.", *s.Max)
	case "minLength":
		if s.MinLength == 1 {
			return "This must not be empty."
		}
		return fmt.Sprintf("Use at least %d characters.", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("Use at most %d characters.", *s.MaxLength)
	}
	return "This value is not allowed."
}

// forms describes the formats of the contract.
var forms = map[string]string{
	"uuid":      "an ID. IDs are UUIDs, such as 01890a5d-ac96-774b-bcce-b302099a8057",
	"email":     "an e-mail address that Gradus accepts. Use the plain form name@example.com, without accents or spaces",
	"date":      fmt.Sprintf("a calendar day from %s to %s. Use YYYY-MM-DD", domain.MinDay, domain.MaxDay),
	"date-time": fmt.Sprintf("a timestamp with an offset, from %d to %d. Use a form such as 2026-11-23T16:39:25Z", domain.MinDay.Date().Year(), domain.MaxDay.Date().Year()),
}
