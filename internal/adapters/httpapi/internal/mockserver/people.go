package mockserver

import (
	"context"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// accountSchema is the schema of an account as its owner sees it.
const accountSchema = "#/components/schemas/Me"

// sessionSchema is the schema of a session with its token.
const sessionSchema = "#/components/schemas/Session"

// people are the users of the examples, by ID. They can sign in.
type people map[string]*person

type person struct {
	account map[string]any // as GET /me returns it
	token   string         // of their session: that of an example, or invented
	refresh string         // the refresh token of their session, likewise
}

// peopleOf returns everybody whose account is an example of GET /me, or whose session is an
// example of an operation that starts one.
func peopleOf(doc *openapi3.T) people {
	all := people{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, s := range successesOf(op) {
				for _, e := range s.examples {
					fields, _ := e.body.(map[string]any)
					switch {
					case s.schema == accountSchema && op.RequestBody == nil:
						all.add(fields, nil, nil)
					case startsSession(op) && fields["user"] != nil:
						all.add(fields["user"], fields["token"], fields["refresh_token"])
					}
				}
			}
		}
	}
	return all
}

func (all people) add(account, token, refresh any) {
	fields, _ := account.(map[string]any)
	id, _ := fields["id"].(string)
	if all[id] == nil {
		all[id] = &person{fields, "mock-" + id, "mock-refresh-" + id}
	}
	if shown, ok := token.(string); ok {
		all[id].token = shown
	}
	if shown, ok := refresh.(string); ok {
		all[id].refresh = shown
	}
}

// of returns the person with an account, or nil.
func (all people) of(account any) *person {
	fields, _ := account.(map[string]any)
	id, _ := fields["id"].(string)
	return all[id]
}

// byEmail returns the person with an email address, or nil.
func (all people) byEmail(email string) *person {
	for _, p := range all {
		if own, _ := p.account["email"].(string); strings.EqualFold(own, strings.TrimSpace(email)) {
			return p
		}
	}
	return nil
}

// byRefreshToken returns the person with a refresh token, or nil.
func (all people) byRefreshToken(token string) *person {
	for _, p := range all {
		if p.refresh == token {
			return p
		}
	}
	return nil
}

// Sessions implements ports.Sessions.Authenticate, which is all that the mock calls, for
// any credential.
type Sessions struct {
	ports.Sessions

	users map[domain.Secret]domain.UserID
}

// NewSessions returns the sessions of the users of the examples.
func NewSessions(doc *openapi3.T) (Sessions, error) {
	s := Sessions{users: map[domain.Secret]domain.UserID{}}
	for text, p := range peopleOf(doc) {
		id, err := domain.ParseID[domain.User](text)
		if err != nil {
			return s, err
		}
		s.users[domain.Secret(p.token)] = id
	}
	return s, nil
}

// Tokens returns the API tokens of the mock, which are credentials like all others, with all
// scopes.
func (s Sessions) Tokens() ports.APITokens { return tokens{sessions: s} }

type tokens struct {
	ports.APITokens

	sessions Sessions
}

// AuthenticateToken implements ports.APITokens.
func (t tokens) AuthenticateToken(ctx context.Context, token domain.Secret, _ ports.Device, _ domain.Origin) (domain.Actor, error) {
	return t.sessions.Authenticate(ctx, token)
}

// Authenticate returns the user of an example, or for any other credential one without an
// ID. The mock does not check what they may do.
func (s Sessions) Authenticate(_ context.Context, token domain.Secret) (domain.Actor, error) {
	return domain.Actor{UserID: s.users[token], Role: domain.RoleAdmin}, nil
}
