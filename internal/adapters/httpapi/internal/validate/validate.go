// Package validate checks requests against the contract: everything about their shape
// is decided here, and nowhere again.
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
	options    *openapi3filter.Options
}

// New returns a Validator for operations with bodies of at most maxBody bytes.
func New(ops spec.Operations, maxBody int64) *Validator {
	return &Validator{
		operations: ops,
		maxBody:    maxBody,
		options: &openapi3filter.Options{
			AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
			MultiError:          true,
			SkipSettingDefaults: true, // spec.DefaultLimit is the one default there is
			KeepValidatedValue:  true, // without it merge patches are refused as an unknown media type
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.WithStringFormatValidators(formats),
			},
		},
	}
}

// formats are checked by kin-openapi only when somebody says how, or too loosely:
// the ready UUID pattern refuses version 7, which all our ids have, and the ready
// pattern of instants takes leap seconds, which Go cannot hold.
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
		_, err := domain.ParseDay("", s)
		return err
	}),
	"date-time": openapi3.NewCallbackValidator(func(s string) error {
		return new(time.Time).UnmarshalText([]byte(s)) // stricter than time.Parse
	}),
}

// Middleware refuses requests that the spec does not describe.
func (v *Validator) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		op := v.operations.Find(r.Method, c.Path())
		if op == nil {
			return next(c)
		}
		if op.HoldsSecret {
			compress.LeavePlain(c.Response().Header())
		}
		if !accept.JSON(strings.Join(r.Header.Values(echo.HeaderAccept), ",")) {
			return problem.ErrNotAcceptable
		}
		bad := &problem.ValidationError{}
		if err := checkQuery(op, r.URL.Query(), bad); err != nil {
			return err
		}
		if err := checkBody(op, c, v.maxBody); err != nil {
			return err
		}
		params := map[string]string{}
		for i, name := range c.ParamNames() {
			params[name] = c.ParamValues()[i]
		}
		err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: op.Route, Options: v.options,
		})
		if err != nil {
			collect(bad, err, nil)
		}
		if len(bad.Fields) > 0 {
			return bad
		}
		return next(c)
	}
}

// checkQuery refuses parameters that stand twice, where one parser would take the
// first and another the last, and parameters that do not exist, which are typing
// errors that would otherwise change the answer in silence.
func checkQuery(op *spec.Operation, query url.Values, bad *problem.ValidationError) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !op.Query[name] {
			bad.Parameter(problem.Clip(name, 64), "unknown_parameter", "This operation has no such query parameter.")
		} else if len(query[name]) > 1 {
			return problem.ErrMalformed.With(fmt.Sprintf("The query parameter %q stands more than once.", name))
		}
	}
	return nil
}

// checkBody reads a JSON body once, as far as it may go, and refuses what parsers
// disagree about.
func checkBody(op *spec.Operation, c echo.Context, most int64) error {
	if op.Route.Operation.RequestBody == nil {
		return nil
	}
	r := c.Request()
	if r.ContentLength > most {
		return problem.ErrPayloadTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, most))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return problem.ErrPayloadTooLarge
	}
	if err != nil {
		return problem.ErrMalformed.With("The body did not arrive whole.")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return problem.ErrMalformed.With("This operation needs a JSON body.")
	}
	if !takes(op, r.Header.Get(echo.HeaderContentType)) {
		takes := slices.Sorted(maps.Keys(op.Route.Operation.RequestBody.Value.Content))
		return problem.ErrMediaType.With("Send the body as " + strings.Join(takes, " or ") + ".")
	}
	if coding := r.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return problem.ErrMediaType.With("Send the body as it is, without a Content-Encoding.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return StrictJSON(body)
}

// takes reports whether the operation has a body of this Content-Type. JSON is
// always UTF-8, so another charset is refused.
func takes(op *spec.Operation, contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || op.Route.Operation.RequestBody.Value.Content[media] == nil {
		return false
	}
	charset, named := params["charset"]
	return !named || strings.EqualFold(charset, "utf-8")
}
