package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

const fixedNow = "2026-03-14T12:00:00Z"

func TestNow_FixesTheClockOfSeedAndServe(t *testing.T) {
	t.Parallel()
	listen := free(t)
	url := pgtest.URL(t)
	env := []string{"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + url, "GRADUS_LISTEN=" + listen, "GRADUS_METRICS_LISTEN=off", "GRADUS_DRAIN_DELAY=0s", "GRADUS_NOW=" + fixedNow}
	if code, _, stderr := gradus(t, env, "", "seed"); code != exitOK {
		t.Fatalf("code %d: %s", code, stderr)
	}
	if n := count(t, url, `SELECT count(*) FROM days WHERE state = 'ok' AND day > '2026-03-14'`); n != 0 {
		t.Errorf("%d days are after the clock", n)
	}
	if n := count(t, url, `SELECT count(*) FROM days WHERE state = 'ok' AND day = '2026-03-13'`); n == 0 {
		t.Error("the day before the clock is missing")
	}
	stop, _ := background(t, env, "serve", "--no-worker")
	var problem struct{ Timestamp time.Time }
	await(t, func() error {
		res, err := http.Get("http://" + listen + "/api/v1/me")
		if err != nil {
			return err
		}
		return errors.Join(json.NewDecoder(res.Body).Decode(&problem), res.Body.Close())
	})
	if got := problem.Timestamp.Format(time.RFC3339); got != fixedNow {
		t.Errorf("the time of the server is %s", got)
	}
	code, out := stop()
	if code != exitOK || !strings.Contains(out, "the clock is fixed at "+fixedNow) {
		t.Errorf("ended with %d: %s", code, out)
	}
}

func TestNow_IsRejectedInProduction(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "work", "demo", "seed", "fake-wakatime"} {
		env := append(productionWith("postgres://x:y@127.0.0.1:1/x"), "GRADUS_NOW="+fixedNow)
		if command == "demo" { // which sets development mode
			env = append(env, "GRADUS_DEMO_WAKATIME_LISTEN=nowhere")
		}
		code, _, stderr := gradus(t, env, "", command)
		if rejected := strings.Contains(stderr, "GRADUS_NOW"); code == exitOK || rejected == (command == "demo") {
			t.Errorf("%s: code %d: %s", command, code, fmt.Sprintf("%.300s", stderr))
		}
	}
}
