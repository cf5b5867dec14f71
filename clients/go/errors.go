package gradus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Error is an error response of the server. Get it with errors.AsType[*gradus.Error](err).
type Error struct {
	Status     int            // HTTP status code
	Code       ProblemCode    // machine-readable; empty if the response did not come from Gradus
	Detail     string         // a message for people
	Errors     []FieldProblem // what is wrong with the request, one entry for each field
	RequestID  string         // identifies the request in the server's logs
	RetryAfter time.Duration  // when to retry; 0 if the server does not say
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "gradus: %d %s: %s", e.Status, e.Code, e.Detail)
	for _, f := range e.Errors {
		if where := cmp.Or(f.Pointer, f.Parameter); where != nil {
			fmt.Fprintf(&s, " [%s: %s]", *where, f.Detail)
		}
	}
	if e.RequestID != "" {
		fmt.Fprintf(&s, " (request %s)", e.RequestID)
	}
	return s.String()
}

// NetworkError means that there was no usable response. It wraps the underlying error, so
// that errors.Is(err, context.Canceled) works. Get it with errors.AsType[*gradus.NetworkError](err).
type NetworkError struct {
	Code NetworkCode
	Err  error
}

func (e *NetworkError) Error() string { return "gradus: " + e.Err.Error() }

// Unwrap returns the underlying error.
func (e *NetworkError) Unwrap() error { return e.Err }

// NetworkCode says why there was no usable response.
type NetworkCode string

// The codes of a [NetworkError].
const (
	NetworkCodeFailed           NetworkCode = "network_error"     // the connection failed
	NetworkCodeTimeout          NetworkCode = "timeout"           // the call took too long
	NetworkCodeAborted          NetworkCode = "aborted"           // the caller cancelled the context
	NetworkCodeInvalidResponse  NetworkCode = "invalid_response"  // the body is not what the API returns
	NetworkCodeTokenUnavailable NetworkCode = "token_unavailable" // the token source failed
)

// networkError returns the error of a call without a response.
func networkError(err error) error {
	if _, ok := errors.AsType[*NetworkError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err // of renewing the session
	}
	code := NetworkCodeFailed
	if t, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && t.Timeout() {
		code = NetworkCodeTimeout
	} else if errors.Is(err, context.Canceled) {
		code = NetworkCodeAborted
	}
	return &NetworkError{code, err}
}

// responseFault returns the error of a response that cannot be read to its end or decoded.
func responseFault(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || kind {
		return &NetworkError{NetworkCodeInvalidResponse, err}
	}
	return networkError(err)
}

// responseError returns the error of a response, which may come from a proxy.
func responseError(resp *http.Response) error {
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return responseFault(fmt.Errorf("read the response: %w", err))
	}
	e := &Error{Status: resp.StatusCode, Detail: http.StatusText(resp.StatusCode), RetryAfter: retryAfter(resp)}
	var p Problem
	if json.Unmarshal(text, &p) == nil && p.Code != "" {
		e.Code, e.Detail, e.Errors, e.RequestID = p.Code, p.Detail, p.Errors, p.RequestID
	}
	return e
}

// SignInChallengeError is the error of [Client.SignIn] if the account has a second factor. Ask
// the user for a code, and send it with the challenge to [Client.CompleteSignIn].
type SignInChallengeError struct{ SignInChallenge }

// Error returns what is missing.
func (e *SignInChallengeError) Error() string {
	return "gradus: the password was right, but the account needs a code to sign in"
}

func (e *SignInChallengeError) body() any { return &e.SignInChallenge }

// acceptedError is the error for a 202 response that is not the result of the operation.
type acceptedError interface {
	error
	body() any
}
