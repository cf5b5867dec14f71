package mockserver

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// body returns the preferred example, or the first that fits the request.
func (m *operation) body(c echo.Context, s success, p preferences) (any, error) {
	chosen := s.examples[0]
	for _, e := range s.examples {
		if e.name == p.example {
			chosen = e
		}
	}
	fields, ok := chosen.body.(map[string]any)
	if !ok {
		return chosen.body, nil
	}
	fields = maps.Clone(fields) // examples are shared
	if items, ok := fields["items"].([]any); ok && m.op.Parameters.GetByInAndName(openapi3.ParameterInQuery, "after") != nil {
		return fields, paginate(c, fields, items)
	}
	if m.carrier && fields["user"] != nil {
		return fields, m.startSession(c, s, fields, p)
	}
	if m.renews {
		return fields, m.renewSession(c, fields, p)
	}
	if caller := m.people[exchange.Of(c.Request().Context()).Actor.UserID.String()]; caller != nil && p.example == "" &&
		s.schema == accountSchema && m.op.RequestBody == nil {
		return caller.account, nil
	}
	return fields, nil
}

// startSession changes the example of a session to what the request asks for: its user and
// its carrier. A preferred example keeps its user.
func (m *operation) startSession(c echo.Context, s success, session map[string]any, p preferences) error {
	var request struct{ Email, Carrier string }
	if err := json.NewDecoder(c.Request().Body).Decode(&request); err != nil {
		return problem.ErrMalformed
	}
	whom := m.people.of(session["user"])
	if found := m.people.byEmail(request.Email); found != nil && p.example == "" && m.canStart(s, found) {
		whom = found
	}
	session["user"] = whom.account
	switch {
	case request.Carrier == "cookie":
		inCookie(session)
	case request.Carrier == "token", p.example == "":
		session["token"], session["refresh_token"] = whom.token, whom.refresh
	}
	return nil
}

// renewSession changes the example of a session to that of the request: its user and its
// carrier. The mock has no state, so the credentials stay the same.
func (m *operation) renewSession(c echo.Context, session map[string]any, p preferences) error {
	var request struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.NewDecoder(c.Request().Body).Decode(&request); err != nil {
		return problem.ErrMalformed
	}
	x := exchange.Of(c.Request().Context())
	caller := m.people[x.Actor.UserID.String()]
	if caller == nil {
		caller = m.people.byRefreshToken(request.RefreshToken)
	}
	if caller != nil && p.example == "" {
		session["user"], session["token"], session["refresh_token"] = caller.account, caller.token, caller.refresh
	}
	if x.Cookie != "" {
		inCookie(session)
	}
	return nil
}

// inCookie removes the tokens from a session that a cookie carries.
func inCookie(session map[string]any) {
	session["token"], session["token_expires_at"], session["refresh_token"] = nil, nil, nil
}

// canStart reports whether an operation can start a session of a person: each can sign in,
// but only the new users of the examples can register.
func (m *operation) canStart(s success, whom *person) bool {
	return s.status != http.StatusCreated || slices.ContainsFunc(s.examples, func(e example) bool {
		session, _ := e.body.(map[string]any)
		return m.people.of(session["user"]) == whom
	})
}

// paginate reduces the items of an example to the requested page.
func paginate(c echo.Context, fields map[string]any, items []any) error {
	limit := spec.DefaultLimit
	if text := c.QueryParam("limit"); text != "" {
		limit, _ = strconv.Atoi(text) // already validated
	}
	list := listID(c.Request().URL)
	from := 0
	if after := c.QueryParam("after"); after != "" {
		text, err := base64.RawURLEncoding.DecodeString(after)
		id, offset, _ := strings.Cut(string(text), " ")
		n, notNumber := strconv.Atoi(offset)
		if err != nil || notNumber != nil || id != list || n < 1 || n >= len(items) {
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

// listID identifies a list and its filters, so that cursors of other lists are rejected.
func listID(u *url.URL) string {
	query := u.Query()
	query.Del("after")
	query.Del("limit")
	sum := sha256.Sum256([]byte(u.Path + "?" + query.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// sessionAge is the Max-Age of session cookies, in seconds.
const sessionAge = 24 * 60 * 60

// setHeaders sets the required headers of the response from their examples. It omits
// optional headers, except for the cookie.
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
	case !m.carrier && !m.renews:
		h.Set(echo.HeaderSetCookie, m.cookies.Set("", -1))
	case fields["token"] == nil:
		h.Set(echo.HeaderSetCookie, m.cookies.Set(domain.Secret(m.people.of(fields["user"]).token), sessionAge))
	}
}

// location returns the path of a created resource, or "" if the body does not identify it.
func (m *operation) location(s success, fields map[string]any) string {
	if where, ok := fields["status_url"].(string); ok {
		return where
	}
	id, named := fields["id"].(string)
	where, found := m.locations[s.schema]
	if !named || !found {
		return ""
	}
	return where + id
}
