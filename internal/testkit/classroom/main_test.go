package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestTheClassroomTellsWhereItIsAndStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, w, options{listen: "127.0.0.1:0", wakatime: "127.0.0.1:0", users: 250})
		ended <- err
		_ = w.CloseWithError(fmt.Errorf("the classroom ended: %w", err))
	}()
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var told facts
	if err := json.Unmarshal(line, &told); err != nil || len(told.Keys) != 2 || told.Spare.APIKey == "" {
		t.Fatalf("told %s: %v", line, err)
	}
	admin := told.Accounts[0]
	in := strings.NewReader(`{"email":"` + admin.Email + `","password":"` + told.Password + `"}`)
	expect(t)(http.Post(told.API+"/auth/login", "application/json", in))
	expect(t)(http.Get(told.WakaTime + "/_fake/people"))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// expect returns a function that fails the test unless an answer is well.
func expect(t *testing.T) func(*http.Response, error) {
	t.Helper()
	return func(res *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", res.Request.URL, res.Status)
		}
	}
}
