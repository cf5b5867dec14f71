package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// The headers of requests that are sent again.
const (
	headerIdempotencyKey = "Idempotency-Key"
	headerReplayed       = "Idempotency-Replayed"
)

// repeater makes requests with an Idempotency-Key happen once.
type repeater struct{ repeats ports.Repeats }

// middleware runs what lies inside it in one transaction with the note of its answer,
// and answers only when both are committed. It runs behind the validator: what is
// refused for its shape uses no key up.
func (p repeater) middleware(v *validator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			op, key := v.operation(r.Method, c.Path()), r.Header.Get(headerIdempotencyKey)
			if op == nil || !op.repeatable || key == "" {
				return next(c)
			}
			body, err := io.ReadAll(r.Body) // in memory already: the validator has read it
			if err != nil {
				return fmt.Errorf("read the request again: %w", err)
			}
			request := domain.Repeatable{User: actor(r.Context()).UserID, Key: key, Request: fingerprint(r, body)}
			kept, repeated, err := p.repeats.Once(r.Context(), request, func(ctx context.Context) ([]byte, error) {
				again := r.WithContext(ctx)
				again.Body = io.NopCloser(bytes.NewReader(body))
				return hold(c, again, next)
			})
			if err != nil {
				return err
			}
			return release(c.Response(), kept, repeated)
		}
	}
}

// fingerprint is equal for two requests that ask for the same.
func fingerprint(r *http.Request, body []byte) [sha256.Size]byte {
	asked := fmt.Appendf(nil, "%s %s\n%s\n", r.Method, r.URL.RequestURI(), r.Header.Get(echo.HeaderContentType))
	return sha256.Sum256(append(asked, body...))
}

// held is an answer that waits: for its transaction to be committed, or to be whole.
type held struct {
	Status int         `json:"status"`
	Head   http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header { return h.Head }

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) { h.Status = status }

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) {
	h.Body = append(h.Body, b...)
	return len(b), nil
}

// hold runs next and returns what it answers.
func hold(c echo.Context, r *http.Request, next echo.HandlerFunc) ([]byte, error) {
	request, response := c.Request(), c.Response()
	defer func() {
		c.SetRequest(request)
		c.SetResponse(response)
	}()
	answer := &held{Head: http.Header{}}
	c.SetRequest(r)
	c.SetResponse(echo.NewResponse(answer, c.Echo()))
	if err := next(c); err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// release answers with what was held.
func release(w http.ResponseWriter, kept []byte, repeated bool) error {
	var answer held
	if err := json.Unmarshal(kept, &answer); err != nil {
		return fmt.Errorf("read a kept answer: %w", err)
	}
	maps.Copy(w.Header(), answer.Head)
	if repeated {
		w.Header().Set(headerReplayed, "true")
	}
	w.WriteHeader(answer.Status)
	_, err := w.Write(answer.Body)
	return err
}
