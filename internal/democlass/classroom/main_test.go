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

func TestRun_PrintsFactsAndStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, w, options{listen: "127.0.0.1:0", wakatime: "127.0.0.1:0", users: 250})
		ended <- err
		_ = w.CloseWithError(fmt.Errorf("classroom ended: %w", err))
	}()
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var printed facts
	if err := json.Unmarshal(line, &printed); err != nil || len(printed.Keys) != 2 || printed.Spare.APIKey == "" {
		t.Fatalf("printed %s: %v", line, err)
	}
	admin := printed.Members[0]
	expectOK(t, http.MethodPost, printed.API+"/auth/login", `{"email":"`+admin.Email+`","password":"`+printed.Password+`"}`)
	expectOK(t, http.MethodGet, printed.WakaTime+"/_fake/people", "")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// expectOK sends a request and fails the test unless the response is 200 OK.
func expectOK(t *testing.T, method, url, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s returned %s", url, res.Status)
	}
}
