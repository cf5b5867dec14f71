package httpapi

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
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/domain"
)

// operation is what the validator needs of one operation of the spec.
type operation struct {
	route      *routers.Route
	public     bool // may be called without signing in
	query      map[string]bool
	repeatable bool // takes an Idempotency-Key
	secret     bool // reads a secret
}

// validator checks requests against the spec: everything about their shape is
// decided here, and nowhere again.
type validator struct {
	operations map[string]*operation // by method and echo's path
	maxBody    int64
	options    *openapi3filter.Options
}

func newValidator(spec *openapi3.T, maxBody int64) *validator {
	v := &validator{
		maxBody:    maxBody,
		operations: map[string]*operation{},
		options: &openapi3filter.Options{
			AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
			MultiError:          true,
			SkipSettingDefaults: true, // page.go knows the one default there is
			KeepValidatedValue:  true, // without it merge patches are refused as an unknown media type
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.WithStringFormatValidators(formats),
			},
		},
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			query := map[string]bool{}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				query[p.Value.Name] = p.Value.In == openapi3.ParameterInQuery
			}
			v.operations[method+" "+basePath+echoPath(path)] = &operation{
				route:      &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op},
				public:     op.Security != nil && len(*op.Security) == 0,
				query:      query,
				repeatable: op.Parameters.GetByInAndName(openapi3.ParameterInHeader, headerIdempotencyKey) != nil,
				secret:     method == http.MethodGet && op.Extensions["x-holds-secret"] == true,
			}
		}
	}
	return v
}

// echoPath writes /batches/{batch_id} as /batches/:batch_id.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
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

func (v *validator) operation(method, path string) *operation {
	return v.operations[method+" "+path]
}

// middleware refuses requests that the spec does not describe.
func (v *validator) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		op := v.operation(r.Method, c.Path())
		if op == nil {
			return next(c)
		}
		if op.secret {
			leavePlain(c.Response().Header())
		}
		if !takesJSON(strings.Join(r.Header.Values(echo.HeaderAccept), ",")) {
			return errNotAcceptable
		}
		bad := &invalidRequestError{}
		if err := op.checkQuery(r.URL.Query(), bad); err != nil {
			return err
		}
		if err := op.checkBody(c, v.maxBody); err != nil {
			return err
		}
		params := map[string]string{}
		for i, name := range c.ParamNames() {
			params[name] = c.ParamValues()[i]
		}
		err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: op.route, Options: v.options,
		})
		if err != nil {
			bad.collect(err, nil)
		}
		if len(bad.fields) > 0 {
			return bad
		}
		return next(c)
	}
}

// takesJSON reports whether a client that accepts these media ranges takes our
// answers; one that names none takes everything.
func takesJSON(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := mime.ParseMediaType(part) // a range that cannot be read is passed over
		switch media {
		case "*/*", "application/*", "application/json", "application/problem+json":
			if wanted(params) {
				return true
			}
		}
	}
	return strings.TrimSpace(accept) == ""
}

// checkQuery refuses parameters that stand twice, where one parser would take the
// first and another the last, and parameters that do not exist, which are typing
// errors that would otherwise change the answer in silence.
func (o *operation) checkQuery(query url.Values, bad *invalidRequestError) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !o.query[name] {
			bad.parameter(clip(name, 64), "unknown_parameter", "This operation has no such query parameter.")
		} else if len(query[name]) > 1 {
			return errMalformed.With(fmt.Sprintf("The query parameter %q stands more than once.", name))
		}
	}
	return nil
}

// checkBody reads a JSON body once, as far as it may go, and refuses what parsers
// disagree about.
func (o *operation) checkBody(c echo.Context, most int64) error {
	if o.route.Operation.RequestBody == nil {
		return nil
	}
	r := c.Request()
	if r.ContentLength > most {
		return errPayloadTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, most))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return errPayloadTooLarge
	}
	if err != nil {
		return errMalformed.With("The body did not arrive whole.")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return errMalformed.With("This operation needs a JSON body.")
	}
	if !o.takes(r.Header.Get(echo.HeaderContentType)) {
		takes := slices.Sorted(maps.Keys(o.route.Operation.RequestBody.Value.Content))
		return errMediaType.With("Send the body as " + strings.Join(takes, " or ") + ".")
	}
	if coding := r.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return errMediaType.With("Send the body as it is, without a Content-Encoding.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return checkJSON(body)
}

// takes reports whether the operation has a body of this Content-Type. JSON is
// always UTF-8, so another charset is refused.
func (o *operation) takes(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || o.route.Operation.RequestBody.Value.Content[media] == nil {
		return false
	}
	charset, named := params["charset"]
	return !named || strings.EqualFold(charset, "utf-8")
}
