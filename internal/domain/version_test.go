package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestExpectedVersions_Check(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expected domain.ExpectedVersions
		version  int
		want     error
	}{
		"no expected versions accept any version":      {nil, 7, nil},
		"the expected version is accepted":             {domain.ExpectedVersions{7}, 7, nil},
		"one of several expected versions is accepted": {domain.ExpectedVersions{6, 7}, 7, nil},
		"another version is rejected":                  {domain.ExpectedVersions{6}, 7, domain.ErrVersionMismatch},
		"version 0 matches no object":                  {domain.ExpectedVersions{0}, 7, domain.ErrVersionMismatch},
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

func TestConnection_Version(t *testing.T) {
	t.Parallel()
	created := domain.Connection{State: domain.Connected, ConnectedAt: noon}
	again, lost, synced := created, created, created
	again.ConnectedAt = noon.Add(time.Microsecond)
	lost.State = domain.NeedsReconnect
	synced.LastSyncedAt, synced.Syncing = new(noon), true
	versions := map[int]bool{}
	for _, c := range []domain.Connection{created, again, lost, {State: domain.NotConnected}} {
		versions[c.Version()] = true
	}
	if len(versions) != 4 {
		t.Errorf("four different connections have %d versions", len(versions))
	}
	if created.Version() != synced.Version() {
		t.Error("a sync changes the version")
	}
	if none := (domain.Connection{}); none.Version() != 0 {
		t.Errorf("no connection has version %d", none.Version())
	}
}
