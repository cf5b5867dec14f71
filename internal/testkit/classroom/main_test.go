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
	well(t, http.MethodPost, told.API+"/auth/login", `{"email":"`+admin.Email+`","password":"`+told.Password+`"}`)
	well(t, http.MethodGet, told.WakaTime+"/_fake/people", "")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// well fails the test unless a request is answered with 200.
func well(t *testing.T, method, url, body string) {
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
		t.Errorf("%s answers %s", url, res.Status)
	}
}
