package buffer

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// Response is an http.ResponseWriter that keeps the response in memory. Its JSON is stored
// with idempotency keys: do not rename its fields.
type Response struct {
	Status int         `json:"status"`
	Head   http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// Header implements http.ResponseWriter.
func (b *Response) Header() http.Header { return b.Head }

// WriteHeader implements http.ResponseWriter.
func (b *Response) WriteHeader(status int) { b.Status = status }

// Write implements http.ResponseWriter.
func (b *Response) Write(p []byte) (int, error) {
	b.Body = append(b.Body, p...)
	return len(p), nil
}

// Send writes the response to w and replaces all headers of w.
func (b *Response) Send(w http.ResponseWriter) {
	clear(w.Header())
	maps.Copy(w.Header(), b.Head)
	b.write(w)
}

// write writes the response to w, which has its headers already.
func (b *Response) write(w http.ResponseWriter) {
	status := cmp.Or(b.Status, http.StatusOK)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set(echo.HeaderContentLength, strconv.Itoa(len(b.Body)))
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Body) // exchange.Recorder records the error
}
