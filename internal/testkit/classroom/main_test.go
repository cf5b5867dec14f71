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
	in := post(t, told.API+"/auth/login", `{"email":"`+admin.Email+`","password":"`+told.Password+`"}`)
	if in.StatusCode != http.StatusOK {
		t.Errorf("signing in answers %s", in.Status)
	}
	if res, err := http.Get(told.WakaTime + "/_fake/people"); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the fake WakaTime: %v, %v", res, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func post(t *testing.T, url, body string) *http.Response {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}
