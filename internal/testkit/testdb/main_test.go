package main

import (
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestExecute_ReturnsTheExitCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want int
		err  string
	}{
		"the command gets the URL":            {args: []string{"sh", "-c", `test "$TEST_DATABASE_URL" = here`}},
		"a command that fails":                {args: []string{"sh", "-c", "exit 7"}, want: 7},
		"a command killed by a signal fails":  {args: []string{"sh", "-c", "kill -9 $$"}, want: 1},
		"a command that does not exist fails": {args: []string{"./no-such-command"}, want: 1, err: "no-such-command"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := execute(tt.args, "here", nil)
			if code != tt.want || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %d, %v; want %d, %q", code, err, tt.want, tt.err)
			}
		})
	}
}

func TestRun_RequiresACommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--"}} {
		if code, err := run(args); code != 2 || err == nil {
			t.Errorf("%q: got %d, %v", args, code, err)
		}
	}
}

func TestRun_UsesTheServerOfTheEnvironment(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", pgtest.URL(t))
	if code, err := run([]string{"--", "sh", "-c", "exit 7"}); code != 7 || err != nil {
		t.Errorf("got %d, %v", code, err)
	}
}

func TestRun_ChecksTheURLFirst(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	code, err := run([]string{"sh", "-c", "exit 7"})
	if code != 1 || err == nil || !strings.Contains(err.Error(), "TEST_DATABASE_URL") {
		t.Errorf("got %d, %v", code, err)
	}
}
