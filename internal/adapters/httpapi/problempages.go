package httpapi

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/domain"
)

// problemPath and a code make the `type` of a problem.
const problemPath = "/problems/"

//go:embed docs/problem.html
var problemHTML string

var problemPage = template.Must(template.New("problem").Parse(problemHTML))

// problemType is what the page behind a problem's `type` says.
type problemType struct {
	Code       string
	Status     int
	Title      string // of the status
	Detail     string
	Operations []string // that answer with it; none when every path can
}

// serveProblems serves one page for each code, for the developer who follows the
// link in an answer.
func serveProblems(e *echo.Echo, spec *openapi3.T) {
	types := map[string]problemType{}
	add := func(code, detail string, status int) {
		types[code] = problemType{code, status, http.StatusText(status), detail, operationsWith(spec, code)}
	}
	for _, t := range transportErrors {
		add(t.code, t.detail, t.status)
	}
	for _, d := range domain.Errors() {
		add(d.Code, d.Detail, statuses[d.Kind])
	}
	e.GET(problemPath+":code", func(c echo.Context) error {
		t, ok := types[c.Param("code")]
		if !ok {
			return errNotFound
		}
		c.Response().Header().Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
		return problemPage.Execute(c.Response(), t)
	})
}

func operationsWith(spec *openapi3.T, code string) []string {
	var found []string
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if codes, _ := op.Extensions["x-problem-codes"].([]any); slices.Contains(codes, any(code)) {
				found = append(found, method+" "+path)
			}
		}
	}
	slices.Sort(found)
	return found
}
