// Package idempotency runs a request with an Idempotency-Key once, and replays its response
// to retries.
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

// Middleware stores the response of next in the transaction of its writes, and responds when
// both are committed. It runs after the validator, so that invalid requests do not use up keys.
func Middleware(keys ports.Idempotency, ops spec.Operations) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			op, key := ops.Find(r.Method, c.Path()), r.Header.Get(spec.HeaderIdempotencyKey)
			if op == nil || !op.Idempotent || key == "" {
				return next(c)
			}
			body, err := io.ReadAll(r.Body) // the validator has buffered it
			if err != nil {
				return fmt.Errorf("read the body: %w", err)
			}
			request := domain.IdempotentRequest{Actor: exchange.Of(r.Context()).Actor, Key: key, Fingerprint: fingerprint(r, body)}
			stored, replayed, err := keys.Once(r.Context(), request, func(ctx context.Context) ([]byte, error) {
				inner := r.WithContext(ctx)
				inner.Body = io.NopCloser(bytes.NewReader(body))
				return run(c, inner, next)
			})
			if err != nil {
				return err
			}
			return send(c.Response(), stored, replayed)
		}
	}
}

// fingerprint identifies the content of a request.
func fingerprint(r *http.Request, body []byte) [sha256.Size]byte {
	head := fmt.Appendf(nil, "%s %s\n%s\n", r.Method, r.URL.RequestURI(), r.Header.Get(echo.HeaderContentType))
	return sha256.Sum256(append(head, body...))
}

// run calls next and returns its encoded response.
func run(c echo.Context, r *http.Request, next echo.HandlerFunc) ([]byte, error) {
	request, response := c.Request(), c.Response()
	defer func() {
		c.SetRequest(request)
		c.SetResponse(response)
	}()
	buffered := &buffer.Response{Head: http.Header{}}
	c.SetRequest(r)
	c.SetResponse(echo.NewResponse(buffered, c.Echo()))
	if err := next(c); err != nil {
		return nil, err
	}
	return json.Marshal(buffered)
}

// send writes an encoded response.
func send(w http.ResponseWriter, stored []byte, replayed bool) error {
	var response buffer.Response
	if err := json.Unmarshal(stored, &response); err != nil {
		return fmt.Errorf("decode a stored response: %w", err)
	}
	maps.Copy(w.Header(), response.Head)
	if replayed {
		w.Header().Set(headerReplayed, "true")
	}
	w.WriteHeader(response.Status)
	_, err := w.Write(response.Body)
	return err
}
