package mockserver

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// body is the example that was asked for, or the first that fits.
func (m *operation) body(c echo.Context, s success, w wishes) (any, error) {
	chosen := s.examples[0]
	for _, e := range s.examples {
		if e.name == w.example {
			chosen = e
		}
	}
	fields, ok := chosen.body.(map[string]any)
	if !ok {
		return chosen.body, nil
	}
	fields = maps.Clone(fields) // the example itself is for everybody
	if items, ok := fields["items"].([]any); ok && m.op.Parameters.GetByInAndName(openapi3.ParameterInQuery, "after") != nil {
		return fields, cut(c, fields, items)
	}
	if m.carrier && w.example == "" {
		return m.carried(c, s, fields)
	}
	return fields, nil
}

// carried answers with a session the way the request wants to carry it.
func (m *operation) carried(c echo.Context, s success, first map[string]any) (map[string]any, error) {
	var request struct{ Carrier string }
	if err := json.NewDecoder(c.Request().Body).Decode(&request); err != nil {
		return nil, problem.ErrMalformed
	}
	byCookie := request.Carrier == "cookie"
	for _, e := range s.examples {
		if fields, ok := e.body.(map[string]any); ok && (fields["token"] == nil) == byCookie {
			return fields, nil
		}
	}
	if byCookie {
		first["token"] = nil
	}
	return first, nil
}

// cut cuts the items of an example into the page that the request asks for.
func cut(c echo.Context, fields map[string]any, items []any) error {
	limit := spec.DefaultLimit
	if text := c.QueryParam("limit"); text != "" {
		limit, _ = strconv.Atoi(text) // the validator has seen it
	}
	list := listOf(c.Request().URL)
	from := 0
	if after := c.QueryParam("after"); after != "" {
		text, err := base64.RawURLEncoding.DecodeString(after)
		mark, offset, _ := strings.Cut(string(text), " ")
		n, notNumber := strconv.Atoi(offset)
		if err != nil || notNumber != nil || mark != list || n < 1 || n >= len(items) {
			return domain.ErrInvalidCursor.At("after")
		}
		from = n
	}
	to := min(from+limit, len(items))
	fields["items"], fields["next"] = items[from:to], nil
	if to < len(items) {
		fields["next"] = base64.RawURLEncoding.EncodeToString([]byte(list + " " + strconv.Itoa(to)))
	}
	return nil
}

// listOf marks a list with its filters, so that the cursor of another is refused.
func listOf(u *url.URL) string {
	query := u.Query()
	query.Del("after")
	query.Del("limit")
	sum := sha256.Sum256([]byte(u.Path + "?" + query.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// sessionAge is the life of the cookie that signing in sets, in seconds.
const sessionAge = 24 * 60 * 60

// setHeaders sets the headers that the answer always has, from their examples. Those
// that it has at times only are left out, except for the cookie.
func (m *operation) setHeaders(h http.Header, s success, body any) {
	fields, _ := body.(map[string]any)
	for name, header := range s.headers {
		if header.Value.Required && header.Value.Example != nil {
			h.Set(name, fmt.Sprint(header.Value.Example))
		}
	}
	if s.headers[echo.HeaderLocation] != nil {
		if where := m.location(s, fields); where != "" {
			h.Set(echo.HeaderLocation, where)
		}
	}
	switch {
	case s.headers[echo.HeaderSetCookie] == nil:
	case !m.carrier:
		h.Set(echo.HeaderSetCookie, m.cookies.Set("", -1))
	case fields["token"] == nil:
		h.Set(echo.HeaderSetCookie, m.cookies.Set("mock", sessionAge))
	}
}

// location is where what was made is read, if its body tells.
func (m *operation) location(s success, fields map[string]any) string {
	if where, ok := fields["status_url"].(string); ok {
		return where
	}
	id, named := fields["id"].(string)
	where, readable := m.readers[s.schema]
	if !named || !readable {
		return ""
	}
	return where + id
}
