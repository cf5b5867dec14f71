package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/api"
	restapi "github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

// loadSpec reads the embedded contract.
func loadSpec() (*openapi3.T, error) {
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the API specification: %w", err)
	}
	return spec, spec.Validate(context.Background()) //nolint:forbidigo // at start, before there is a request
}

// operation is what the validator needs of one operation of the spec.
type operation struct {
	route  *routers.Route
	public bool // may be called without signing in
	query  map[string]*openapi3.Parameter
}

// validator checks requests against the spec: everything about their shape is
// decided here, and nowhere again.
type validator struct {
	operations map[string]*operation // by method and echo's path
	options    *openapi3filter.Options
}

func newValidator(spec *openapi3.T) (*validator, error) {
	v := &validator{
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
			query := map[string]*openapi3.Parameter{}
			for _, p := range op.Parameters {
				if p.Value.In == openapi3.ParameterInQuery {
					query[p.Value.Name] = p.Value
				}
			}
			v.operations[method+" "+basePath+echoPath(path)] = &operation{
				route:  &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op},
				public: op.Security != nil && len(*op.Security) == 0,
				query:  query,
			}
		}
	}
	return v, nil
}

// echoPath writes /batches/{batch_id} as /batches/:batch_id.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// formats are checked by kin-openapi only when somebody says how. The ready UUID
// pattern refuses version 7, which all our ids have.
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
		if err := op.checkQuery(r.URL.Query()); err != nil {
			return err
		}
		if err := op.checkBody(r); err != nil {
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
			return refusal(err)
		}
		return next(c)
	}
}

// checkQuery refuses parameters that stand twice, where one parser would take the
// first and another the last, and parameters that do not exist, which are typing
// errors that would otherwise change the answer in silence.
func (o *operation) checkQuery(query url.Values) error {
	bad := &invalidRequest{}
	for name, values := range query {
		if o.query[name] == nil {
			bad.add(restapi.FieldProblem{Parameter: new(shorten(name)), Code: "unknown_parameter", Detail: "This operation has no such query parameter."})
		} else if len(values) > 1 {
			return errMalformed.Withf(fmt.Sprintf("The query parameter %q stands more than once.", name))
		}
	}
	return bad.orNil()
}

// checkBody reads a JSON body once and refuses what parsers disagree about.
func (o *operation) checkBody(r *http.Request) error {
	if o.route.Operation.RequestBody == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return errMalformed.Withf("This operation needs a JSON body.")
	}
	if !o.takes(r.Header.Get(echo.HeaderContentType)) {
		return errMediaType.Withf("Send the body as " + o.mediaTypes() + ".")
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

func (o *operation) mediaTypes() string {
	var names []string
	for name := range o.route.Operation.RequestBody.Value.Content {
		names = append(names, name)
	}
	return strings.Join(names, " or ")
}

// invalidRequest lists everything that the spec has against a request.
type invalidRequest struct{ fields []restapi.FieldProblem }

func (e *invalidRequest) Error() string {
	if len(e.fields) == 1 {
		return e.fields[0].Detail
	}
	return domain.ErrInvalid.Detail
}

func (e *invalidRequest) add(f restapi.FieldProblem) { e.fields = append(e.fields, f) }

func (e *invalidRequest) orNil() error {
	if len(e.fields) == 0 {
		return nil
	}
	return e
}

func wrongField(pointer, code, detail string) error {
	return &invalidRequest{[]restapi.FieldProblem{{Pointer: &pointer, Code: code, Detail: detail}}}
}

// refusal turns what the validator found into one error that names every field.
func refusal(err error) error {
	bad := &invalidRequest{}
	bad.collect(err, nil)
	if len(bad.fields) == 0 {
		return fmt.Errorf("validate request: %w", err)
	}
	return bad
}

func (e *invalidRequest) collect(err error, param *openapi3.Parameter) {
	if many, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // unwrapped level by level, to keep each error's place
		for _, one := range many {
			e.collect(one, param)
		}
		return
	}
	if request, ok := err.(*openapi3filter.RequestError); ok { //nolint:errorlint // as above
		switch {
		case request.Err == nil:
			e.addPlain(request.Parameter, "invalid", request.Reason)
		case errors.Is(request.Err, openapi3filter.ErrInvalidRequired):
			e.addPlain(request.Parameter, "required", "This parameter is needed.")
		case errors.Is(request.Err, openapi3filter.ErrInvalidEmptyValue):
			e.addPlain(request.Parameter, "empty", "This parameter must not be empty.")
		default:
			e.collect(request.Err, request.Parameter)
		}
		return
	}
	if schema, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		e.addSchema(schema, param)
		return
	}
	e.addPlain(param, "invalid", "This value is not of the right type.")
}

func (e *invalidRequest) addPlain(param *openapi3.Parameter, code, detail string) {
	f := restapi.FieldProblem{Code: code, Detail: detail}
	if param != nil {
		f.Parameter = &param.Name
	} else {
		f.Pointer = new("")
	}
	e.add(f)
}

// addSchema adds what one schema says. The value itself never gets into the answer:
// it may be a password.
func (e *invalidRequest) addSchema(err *openapi3.SchemaError, param *openapi3.Parameter) {
	f := restapi.FieldProblem{Code: err.SchemaField, Detail: sentence(err)}
	if f.Code == "" {
		f.Code = "invalid"
	}
	if param != nil {
		f.Parameter = &param.Name
	} else {
		var at strings.Builder
		for _, part := range err.JSONPointer() {
			at.WriteString("/" + escapePointer(part))
		}
		f.Pointer = new(at.String())
	}
	e.add(f)
}

// sentence words the commonest findings for a person.
func sentence(err *openapi3.SchemaError) string {
	s := err.Schema
	switch err.SchemaField {
	case "required":
		return "This field is needed."
	case "format":
		return "This is not of the form " + s.Format + "."
	case "minLength":
		return fmt.Sprintf("Give at least %d characters.", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("Give at most %d characters.", *s.MaxLength)
	case "properties":
		return "There is no such field here."
	case "enum":
		return fmt.Sprintf("Use one of: %s.", strings.Trim(fmt.Sprint(s.Enum), "[]"))
	case "minimum":
		return fmt.Sprintf("Give at least %v.", *s.Min)
	case "maximum":
		return fmt.Sprintf("Give at most %v.", *s.Max)
	case "type":
		return "This must be of type " + strings.Join(s.Type.Slice(), " or ") + "."
	case "nullable":
		return "This must not be null."
	}
	return "This value is not allowed here."
}
