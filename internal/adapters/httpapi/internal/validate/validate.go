// Package validate checks requests against the contract. It is the only check of their
// shape.
package validate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Validator checks requests against the contract.
type Validator struct {
	operations spec.Operations
	maxBody    int64
	rules      Rules
	options    *openapi3filter.Options
}

// New returns a Validator for operations with bodies of at most maxBody bytes.
func New(ops spec.Operations, maxBody int64, rules Rules) *Validator {
	return &Validator{
		operations: ops,
		maxBody:    maxBody,
		rules:      rules,
		options: &openapi3filter.Options{
			MultiError:          true,
			SkipSettingDefaults: true, // the only default is spec.DefaultLimit
			KeepValidatedValue:  true, // otherwise merge patches are rejected as an unknown media type
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.WithStringFormatValidators(formats),
			},
		},
	}
}

// formats defines the formats that kin-openapi does not check, or checks differently: its
// UUID pattern rejects version 7, which all our IDs have, and its date-time pattern
// accepts leap seconds, which Go cannot represent.
var formats = map[string]openapi3.StringFormatValidator{
	"uuid": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseID[struct{}](s)
		return err
	}),
	"email": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseEmail("", s)
		return err
	}),
	"date": openapi3.NewCallbackValidator(func(s string) error {
		day, err := domain.ParseDay("", s)
		if err == nil && !day.InRange() {
			err = errOutOfRange
		}
		return err
	}),
	"date-time": openapi3.NewCallbackValidator(func(s string) error {
		var t time.Time
		err := t.UnmarshalText([]byte(s)) // stricter than time.Parse
		if err == nil && !domain.TimeInRange(t) {
			err = errOutOfRange
		}
		return err
	}),
}

var errOutOfRange = errors.New("out of range")

// Middleware rejects requests that violate the contract.
func (v *Validator) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		op := v.operations.Find(r.Method, c.Path())
		if op == nil {
			return next(c)
		}
		if op.HoldsSecret {
			compress.Disable(c.Response().Header())
		}
		if !accept.JSON(strings.Join(r.Header.Values(echo.HeaderAccept), ",")) {
			return problem.ErrNotAcceptable
		}
		bad := &problem.ValidationError{}
		query := queryOf(r)
		if err := checkQuery(op, query, bad); err != nil {
			return err
		}
		body, err := checkBody(op, c, v.maxBody, bad)
		if err != nil {
			return err
		}
		found := v.violations(op, c, query)
		collect(bad, found, nil)
		if len(bad.Fields) > 0 {
			v.rules.add(bad, op.Route.Operation.OperationID, body)
			bad.Sort()
			return bad
		}
		if len(found) > 0 {
			if err := keepValue(r); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// violations returns what kin-openapi finds wrong with the parameters and the body of a request.
// It is asked only about the parameters that were sent, or must be: asking about all of them
// costs more than the rest of the check.
func (v *Validator) violations(op *spec.Operation, c echo.Context, query url.Values) openapi3.MultiError {
	r := c.Request()
	input := &openapi3filter.RequestValidationInput{Request: r, QueryParams: query, Route: op.Route, Options: v.options}
	if names := c.ParamNames(); len(names) > 0 {
		input.PathParams = make(map[string]string, len(names))
		for i, name := range names {
			input.PathParams[name] = c.ParamValues()[i]
		}
	}
	var found openapi3.MultiError
	for _, p := range op.Parameters {
		if !p.Required && !sent(p, r.Header, query) {
			continue
		}
		if err := openapi3filter.ValidateParameter(r.Context(), input, p); err != nil {
			found = append(found, err)
		}
	}
	if body := op.Route.Operation.RequestBody; body != nil {
		if err := openapi3filter.ValidateRequestBody(r.Context(), input, body.Value); err != nil {
			found = append(found, err)
		}
	}
	return found
}

// sent reports whether a request has a parameter. It may report true for one that is not there.
func sent(p *openapi3.Parameter, header http.Header, query url.Values) bool {
	switch p.In {
	case openapi3.ParameterInQuery:
		return query.Has(p.Name)
	case openapi3.ParameterInHeader:
		return len(header.Values(p.Name)) > 0
	}
	return true
}

// queryOf returns the query of a request.
func queryOf(r *http.Request) url.Values {
	if r.URL.RawQuery == "" {
		return nil
	}
	return r.URL.Query()
}

// checkQuery rejects repeated parameters, of which some parsers use the first and others
// the last, and unknown parameters, which are typos that would otherwise be ignored
// silently.
func checkQuery(op *spec.Operation, query url.Values, bad *problem.ValidationError) error {
	if len(query) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !op.Query[name] {
			bad.Parameter(problem.Clip(name, 64), "unknown_parameter", "This operation has no such query parameter. Check its spelling, or remove it.")
		} else if len(query[name]) > 1 {
			return problem.ErrMalformed.With(fmt.Sprintf("The query parameter %q is repeated. Send it once.", name))
		}
	}
	return nil
}

// checkBody reads a JSON body of at most limit bytes and rejects what parsers disagree
// about. It adds invalid fields to bad.
func checkBody(op *spec.Operation, c echo.Context, limit int64, bad *problem.ValidationError) ([]byte, error) {
	if op.Route.Operation.RequestBody == nil {
		return nil, nil
	}
	r := c.Request()
	if r.ContentLength > limit {
		return nil, problem.ErrPayloadTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, problem.ErrPayloadTooLarge
	}
	if err != nil {
		return nil, problem.ErrMalformed.With("The body ended early. Send it in full.")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		if !op.Route.Operation.RequestBody.Value.Required {
			r.Body, r.ContentLength = http.NoBody, 0 // the length of a stream is unknown
			return nil, nil
		}
		return nil, problem.ErrMalformed.With("This operation requires a JSON body.")
	}
	if !supports(op, r.Header.Get(echo.HeaderContentType)) {
		supported := slices.Sorted(maps.Keys(op.Route.Operation.RequestBody.Value.Content))
		return nil, problem.ErrMediaType.With("Send the body as " + strings.Join(supported, " or ") + ".")
	}
	if coding := r.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, problem.ErrMediaType.With("Send the body without a Content-Encoding.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	err = StrictJSON(body)
	if fields, ok := errors.AsType[*problem.ValidationError](err); ok {
		bad.Fields, err = append(bad.Fields, fields.Fields...), nil
	}
	return body, err
}

// supports reports whether the operation accepts a Content-Type. JSON is always UTF-8, so
// other charsets are rejected.
func supports(op *spec.Operation, contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || op.Route.Operation.RequestBody.Value.Content[media] == nil {
		return false
	}
	charset, named := params["charset"]
	return !named || strings.EqualFold(charset, "utf-8")
}
