package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSeen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expected domain.ExpectedVersions
		version  int
		want     error
	}{
		"who has seen nothing changes anything":   {nil, 7, nil},
		"who has seen it changes it":              {domain.ExpectedVersions{7}, 7, nil},
		"who has seen it among others changes it": {domain.ExpectedVersions{6, 7}, 7, nil},
		"who has seen another one does not":       {domain.ExpectedVersions{6}, 7, domain.ErrVersionMismatch},
		"who has seen none does not":              {domain.ExpectedVersions{0}, 7, domain.ErrVersionMismatch},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tt.expected.Check(tt.version); !errors.Is(err, tt.want) {
				t.Errorf("Check: %v, want %v", err, tt.want)
			}
		})
	}
}

func TestConnectionVersion(t *testing.T) {
	t.Parallel()
	made := domain.Connection{State: domain.Connected, ConnectedAt: noon}
	again, lost, synced := made, made, made
	again.ConnectedAt = noon.Add(time.Microsecond)
	lost.State = domain.NeedsReconnect
	synced.LastSyncedAt, synced.Syncing = new(noon), true
	seen := map[int]bool{}
	for _, c := range []domain.Connection{made, again, lost, {State: domain.NotConnected}} {
		seen[c.Version()] = true
	}
	if len(seen) != 4 {
		t.Errorf("four different connections have %d versions", len(seen))
	}
	if made.Version() != synced.Version() {
		t.Error("a sync changes the version")
	}
	if none := (domain.Connection{}); none.Version() != 0 {
		t.Errorf("no connection has version %d", none.Version())
	}
}
