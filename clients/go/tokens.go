package gradus

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// tokens has the token that is sent with requests, until the server rejects it.
type tokens struct {
	source  func(context.Context) (string, error) // returns another one; nil if there is none
	session *Session                              // of WithSession, which has the refresh token
	changed func(Session)

	mu      sync.Mutex
	current string
}

// get returns a token other than the rejected one, if there is a source.
func (t *tokens) get(ctx context.Context, rejected string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil || t.current != rejected {
		return t.current, nil
	}
	token, err := t.source(ctx)
	switch {
	case err != nil && t.session != nil:
		return "", err // of this client already
	case err != nil:
		return "", &NetworkError{NetworkCodeTokenUnavailable, fmt.Errorf("get a token: %w", err)}
	case token == "":
		return "", &NetworkError{NetworkCodeTokenUnavailable, errors.New("get a token: the source returned none")}
	}
	t.current = token
	return token, nil
}

// replace stores the new tokens of the session, which the server returned to a call.
func (t *tokens) replace(session Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if session.Token == nil {
		return // in a cookie
	}
	t.current = *session.Token
	if t.session != nil {
		t.keep(session)
	}
}

func (t *tokens) keep(session Session) {
	t.session = &session
	if t.changed != nil {
		t.changed(session)
	}
}

// renew is the source of WithSession. The caller holds the lock. It sends the refresh token again
// if there is no response: within ten seconds, the server returns the same tokens again.
func (c *Client) renew(ctx context.Context) (string, error) {
	request := Refresh{RefreshToken: *c.tokens.session.RefreshToken}
	session, err := c.RefreshSession(ctx, request)
	if _, ok := errors.AsType[*NetworkError](err); ok && ctx.Err() == nil {
		session, err = c.RefreshSession(ctx, request)
	}
	if err != nil {
		return "", err
	}
	c.tokens.keep(*session)
	return *session.Token, nil
}
