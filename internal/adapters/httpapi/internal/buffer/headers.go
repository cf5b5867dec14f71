package buffer

import "net/http"

// maxHeaders is more than the layers around the buffer set.
const maxHeaders = 16

// headers are headers as they were at some time. Copying them here is cheaper than cloning a
// map, and correct as long as nobody changes their values in place.
type headers []struct {
	name   string
	values []string
}

// headersOf returns the headers of h.
func headersOf(h http.Header) headers {
	kept := make(headers, 0, maxHeaders)
	for name, values := range h {
		kept = append(kept, struct {
			name   string
			values []string
		}{name, values})
	}
	return kept
}

// restore makes h have these headers and no others.
func (k headers) restore(h http.Header) {
	clear(h)
	for _, header := range k {
		h[header.name] = header.values
	}
}
