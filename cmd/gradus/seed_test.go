package main

import (
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestSeed_CreatesTheSameClassEachTime(t *testing.T) {
	t.Parallel()
	var printed []string
	for range 2 {
		env := []string{"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + pgtest.URL(t)}
		for range 2 { // the second run changes nothing
			code, stdout, stderr := gradus(t, env, "", "seed")
			if code != exitOK {
				t.Fatalf("code %d: %s", code, stderr)
			}
			_, class, found := strings.Cut(stdout, "Web Development")
			if !found {
				t.Fatalf("no class in %q", stdout)
			}
			printed = append(printed, class)
		}
	}
	for _, p := range printed {
		if p != printed[0] {
			t.Errorf("the class differs:\n%s\n%s", printed[0], p)
		}
	}
}

// A class that ends on another day replaces the first one only with --reset. It has the
// same IDs and keys.
func TestSeed_Reset(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + url, "GRADUS_LOG_LEVEL=warn"} // people sign in, at another time
	seed := func(args ...string) (int, string) {
		code, stdout, stderr := gradus(t, env, "", append([]string{"seed", "--students", "4", "--days", "7"}, args...)...)
		_, class, _ := strings.Cut(stdout, "Web Development")
		return code, class + stderr
	}
	code, first := seed("--until", "2026-10-14")
	if code != exitOK || !strings.Contains(first, "--seed 2026 --students 4 --days 7 --until 2026-10-14") || !strings.Contains(first, "mira@school.example") {
		t.Fatalf("code %d: %s", code, first)
	}
	days := count(t, url, `SELECT sum(seconds) FROM days`)
	if code, out := seed("--until", "2025-03-01"); code != exitFault || !strings.Contains(out, "--reset") {
		t.Errorf("another day without --reset: code %d: %s", code, out)
	}
	code, second := seed("--until", "2025-03-01", "--reset")
	if want := strings.ReplaceAll(first, "2026-10-14", "2025-03-01"); code != exitOK || second != want {
		t.Errorf("another day: code %d:\n%s\nwant\n%s", code, second, want)
	}
	if n := count(t, url, `SELECT count(*) FROM days WHERE day > '2025-03-01'`); n != 0 {
		t.Errorf("%d days of the first class still exist", n)
	}
	if code, third := seed("--until", "2026-10-14", "--reset"); code != exitOK || third != first {
		t.Errorf("the first class again: code %d:\n%s\nwant\n%s", code, third, first)
	}
	if again := count(t, url, `SELECT sum(seconds) FROM days`); again != days || days == 0 {
		t.Errorf("the days add up to %d and then to %d seconds", days, again)
	}
}
