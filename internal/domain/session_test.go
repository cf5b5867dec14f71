package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestNewSession(t *testing.T) {
	t.Parallel()

	l := domain.SessionLifetime{Idle: time.Hour, Absolute: 24 * time.Hour}
	got := domain.NewSession(domain.SessionID{2}, domain.UserID{1}, " Firefox\x00\xff "+strings.Repeat("é", 200), "192.0.2.1", noon, l)
	want := domain.Session{
		ID: domain.SessionID{2}, User: domain.UserID{1}, Address: "192.0.2.1", UserAgent: "Firefox " + strings.Repeat("é", 124),
		CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(24 * time.Hour), AuthenticatedAt: noon,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewSession (-want +got):\n%s", diff)
	}
}

func TestSession_Alive(t *testing.T) {
	t.Parallel()

	l := domain.SessionLifetime{Idle: time.Hour, Absolute: 24 * time.Hour}
	tests := map[string]struct {
		seen, now time.Duration // since sign-in
		want      bool
	}{
		"a new session is alive":                       {0, 0, true},
		"it is alive while idle for less than an hour": {0, time.Hour - 1, true},
		"it expires when idle for an hour":             {0, time.Hour, false},
		"a request extends it":                         {5 * time.Hour, 6*time.Hour - 1, true},
		"a request does not extend it beyond a day":    {24*time.Hour - 1, 24 * time.Hour, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := domain.NewSession(domain.SessionID{2}, domain.UserID{1}, "", "", noon, l)
			s.LastSeenAt = noon.Add(tt.seen)
			if got := s.Alive(noon.Add(tt.now), l); got != tt.want {
				t.Errorf("Alive = %t, want %t", got, tt.want)
			}
		})
	}
}
