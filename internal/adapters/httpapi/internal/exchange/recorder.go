package exchange

import (
	"cmp"
	"net/http"
)

// Recorder is an http.ResponseWriter that records the status and size of a response.
type Recorder struct {
	http.ResponseWriter

	Before func(http.Header) // called once, before the header is sent; may be nil
	Status int               // 0 until the header is sent
	Bytes  int64             // of the body
	Err    error             // the first failed Write
}

// WriteHeader records the status.
func (w *Recorder) WriteHeader(status int) {
	if w.Status == 0 && w.Before != nil {
		w.Before(w.Header())
	}
	w.Status = cmp.Or(w.Status, status)
	w.ResponseWriter.WriteHeader(status)
}

// Write records the size.
func (w *Recorder) Write(b []byte) (int, error) {
	if w.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.Bytes += int64(n)
	w.Err = cmp.Or(w.Err, err)
	return n, err
}
