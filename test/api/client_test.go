package api_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

type (
	object   = apiclient.Object
	client   = apiclient.Client
	response = apiclient.Response
)

// get returns the resource at a path that exists.
func get[T any](c client, path string) T { return apiclient.Get[T](c, path) }

func decode[T any](r response) T { return apiclient.Decode[T](r) }

// comparable returns a problem without what differs from request to request.
func comparable(t *testing.T, r response) object {
	t.Helper()
	var body object
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"request_id", "timestamp", "instance"} {
		delete(body, name)
	}
	header := r.Header.Clone()
	// The length depends on the fraction of the timestamp.
	for _, name := range []string{"X-Request-Id", "Date", "Content-Length"} {
		header.Del(name)
	}
	body["header"] = header
	return body
}

// concurrently calls f n times at the same moment.
func concurrently(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// served repeats a request while the server is too busy, as clients do: on a slow machine, it
// rejects requests that waited three seconds for a connection or a lock.
func served(send func() response) response {
	res := send()
	for range 20 {
		if res.Status != http.StatusServiceUnavailable {
			break
		}
		res = send()
	}
	return res
}

// recording keeps all responses that a test received.
type recording struct {
	mu        sync.Mutex
	responses []response
}

func (r *recording) add(res response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.responses = append(r.responses, res)
}
