// Package idempotency makes requests with an Idempotency-Key happen once.
package idempotency

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

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const headerReplayed = "Idempotency-Replayed"

// Middleware runs what lies inside it in one transaction with the note of its answer,
// and answers only when both are committed. It runs behind the validator: what is
// refused for its shape uses no key up.
func Middleware(repeats ports.Idempotency, ops spec.Operations) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			op, key := ops.Find(r.Method, c.Path()), r.Header.Get(spec.HeaderIdempotencyKey)
			if op == nil || !op.Idempotent || key == "" {
				return next(c)
			}
			body, err := io.ReadAll(r.Body) // in memory already: the validator has read it
			if err != nil {
				return fmt.Errorf("read the request again: %w", err)
			}
			request := domain.IdempotentRequest{User: exchange.Of(r.Context()).Actor.UserID, Key: key, Fingerprint: fingerprint(r, body)}
			kept, repeated, err := repeats.Once(r.Context(), request, func(ctx context.Context) ([]byte, error) {
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

// hold runs next and returns what it answers.
func hold(c echo.Context, r *http.Request, next echo.HandlerFunc) ([]byte, error) {
	request, response := c.Request(), c.Response()
	defer func() {
		c.SetRequest(request)
		c.SetResponse(response)
	}()
	answer := &buffer.Response{Head: http.Header{}}
	c.SetRequest(r)
	c.SetResponse(echo.NewResponse(answer, c.Echo()))
	if err := next(c); err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// release answers with what was held.
func release(w http.ResponseWriter, kept []byte, repeated bool) error {
	var answer buffer.Response
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
