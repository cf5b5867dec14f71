package probes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

func TestLivez_IgnoresDependencies(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Probes.Ready["database"] = func(context.Context) error { return errors.New("down") }
	s.Probes.Draining.Store(true)
	s.Do(t, servertest.Document("/livez")).Want(t, 200, `{"status": "ok"}`)
}

// stateError is an error with a state that the probe shows.
type stateError struct{}

func (stateError) Error() string { return "no writes" }
func (stateError) State() string { return "read-only" }

func TestReadyz(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	down := func(context.Context) error { return errors.New("connect to canary.internal: connection refused") }
	readOnly := func(context.Context) error { return fmt.Errorf("check: %w", stateError{}) }
	tests := map[string]struct {
		database, worker func(context.Context) error
		draining         bool
		status           int
		want             string
		logged           []string
	}{
		"all dependencies are ready":   {fine, fine, false, 200, `{"ready": true, "parts": {"database": "ok", "worker": "ok"}}`, nil},
		"the database fails":           {down, fine, false, 503, `{"ready": false, "parts": {"database": "failed", "worker": "ok"}}`, []string{"database: connect to canary.internal"}},
		"a dependency tells its state": {readOnly, fine, false, 503, `{"ready": false, "parts": {"database": "read-only", "worker": "ok"}}`, []string{"database: check: no writes"}},
		"all dependencies fail":        {down, down, false, 503, `{"ready": false, "parts": {"database": "failed", "worker": "failed"}}`, []string{"database: ", "worker: "}},
		"the process is draining":      {fine, fine, true, 503, `{"ready": false, "parts": {"database": "ok", "worker": "ok", "process": "stopping"}}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			s.Probes.Ready["database"], s.Probes.Ready["worker"] = tt.database, tt.worker
			s.Probes.Draining.Store(tt.draining)
			got := s.Do(t, servertest.Document("/readyz"))
			got.Want(t, tt.status, tt.want)
			if got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control is %q", got.Header.Get("Cache-Control"))
			}
			s.LogLines(t)
			for _, want := range tt.logged {
				if !strings.Contains(s.Log.String(), want) {
					t.Errorf("the log lacks %q:\n%s", want, s.Log)
				}
			}
		})
	}
}
