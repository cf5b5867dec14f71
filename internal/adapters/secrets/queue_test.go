package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// hashTime is how long a hash takes in these tests.
const hashTime = 35 * time.Millisecond

// hashes takes a slot for as long as a hash does, and returns how long it waited.
func hashes(ctx context.Context, h *secrets.PasswordHasher, client ports.HashClient) (time.Duration, error) {
	start := time.Now()
	release, err := h.Acquire(ports.WithHashClient(ctx, client))
	if err != nil {
		return 0, err
	}
	waited := time.Since(start)
	time.Sleep(hashTime)
	release()
	return waited, nil
}

// flood sends calls on a number of connections until the test ends, from as many networks.
func flood(ctx context.Context, h *secrets.PasswordHasher, connections, networks int) {
	for i := range connections {
		go func() {
			for ctx.Err() == nil {
				if _, err := hashes(ctx, h, ports.HashClient{Key: fmt.Sprint("hostile", i%networks)}); err != nil {
					time.Sleep(50 * time.Millisecond) // a 503, a round trip, and the next request
				}
			}
		}()
	}
}

// 200 hostile connections hash as fast as they can. Others wait for a few hashes only: newcomers
// from elsewhere, even from as many networks, and devices that are known in the same network.
//
//nolint:paralleltest // it needs all processors, and other tests of this package measure times
func TestQueue_IsFairDuringAFlood(t *testing.T) {
	for name, tt := range map[string]struct {
		networks int
		honest   func(i int) ports.HashClient
		every    time.Duration
	}{
		"others in networks of their own":        {1, func(i int) ports.HashClient { return ports.HashClient{Key: fmt.Sprint("honest", i)} }, 100 * time.Millisecond},
		"one other network":                      {1, func(int) ports.HashClient { return ports.HashClient{Key: "honest"} }, 100 * time.Millisecond},
		"others, and a flood from many networks": {200, func(i int) ports.HashClient { return ports.HashClient{Key: fmt.Sprint("honest", i)} }, 100 * time.Millisecond},
		"known devices, and many networks":       {200, func(i int) ports.HashClient { return ports.HashClient{Key: fmt.Sprint("device", i%60), Known: true} }, 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1})
				ctx, cancel := context.WithCancel(t.Context())
				defer func() { cancel(); synctest.Wait(); time.Sleep(time.Minute) }()
				flood(ctx, h, 200, tt.networks)
				time.Sleep(30 * time.Second)
				var mu sync.Mutex
				var waits []time.Duration
				var all sync.WaitGroup
				const sent = 300
				for i := range sent {
					all.Go(func() {
						if waited, err := hashes(ctx, h, tt.honest(i)); err == nil {
							mu.Lock()
							defer mu.Unlock()
							waits = append(waits, waited)
						}
					})
					time.Sleep(tt.every)
				}
				all.Wait()
				slices.Sort(waits)
				quick := 0
				for _, w := range waits {
					if w < 2*time.Second-hashTime {
						quick++
					}
				}
				if quick < sent*99/100 {
					t.Errorf("%d of %d honest calls were served within 2 seconds, and %d at all", quick, sent, len(waits))
				}
				t.Logf("%d of %d within 2 s, the median after %v, the last after %v", quick, sent, waits[len(waits)/2], waits[len(waits)-1])
			})
		})
	}
}

// Somebody with one account must not keep out those who have none yet.
func TestQueue_KnownClientsDoNotStarveNewcomers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1})
		ctx, cancel := context.WithCancel(t.Context())
		defer func() { cancel(); synctest.Wait(); time.Sleep(time.Minute) }()
		for range 200 {
			go func() {
				for ctx.Err() == nil {
					if _, err := hashes(ctx, h, ports.HashClient{Key: "device", Known: true}); err != nil {
						time.Sleep(50 * time.Millisecond)
					}
				}
			}()
		}
		time.Sleep(10 * time.Second)
		for i := range 100 {
			if waited, err := hashes(ctx, h, ports.HashClient{Key: fmt.Sprint("newcomer", i)}); err != nil || waited > 2*hashTime {
				t.Fatalf("newcomer %d waited %v, %v", i, waited, err)
			}
		}
	})
}

// A full queue rejects whoever has the most calls in it, and a call that gives up costs nothing.
func TestQueue_RejectsTheLastInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1, WaitingHashes: 3})
		release := h.Occupy()
		results := make(chan string, 8)
		enter := func(ctx context.Context, name, key string) {
			go func() {
				free, err := h.Acquire(ports.WithHashClient(ctx, ports.HashClient{Key: key}))
				switch {
				case errors.Is(err, domain.ErrBusy):
					results <- name + " busy"
				case err != nil:
					results <- name + " gave up"
				default:
					results <- name
					free()
				}
			}()
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		patient := t.Context()
		impatient, giveUp := context.WithCancel(patient)
		enter(patient, "a1", "a")
		enter(impatient, "a2", "a")
		giveUp()
		enter(patient, "a3", "a")
		enter(patient, "a4", "a")
		enter(patient, "b1", "b") // a4 is rejected for it
		enter(patient, "a5", "a")
		release()
		synctest.Wait()
		close(results)
		var got []string
		for r := range results {
			got = append(got, r)
		}
		if want := []string{"a2 gave up", "a4 busy", "a5 busy", "a1", "b1", "a3"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
