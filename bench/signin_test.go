package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const (
	rightPassword = "seven quiet otters at noon"
	wrongPassword = "not my password at all"
	inFlight      = 16
	signInTime    = 5 * time.Second
	timedPairs    = 200
	hostile       = 200 // connections
	honestSignIns = 100
	honestEvery   = 300 * time.Millisecond
	roundTrip     = 20 * time.Millisecond // of an attacker, who shares no processor with the server
	warmUp        = time.Minute           // at most
)

// BenchmarkSignIns measures signing in: how many sign-ins a second beside the bare hash, what
// others notice of them, whether the time reveals accounts, and what a flood does.
func BenchmarkSignIns(b *testing.B) {
	for range b.N {
		bare := bareHashes(b)
		plenty := newSignIns(b, "GRADUS_RATE_LIMITS=sign_in=1000,read=1000")
		plenty.rate(b, bare)
		plenty.timing(b)
		newSignIns(b, "").flood(b)
		b.ReportMetric(0, "ns/op") // hides the time of the whole run
	}
}

// bareHashes returns the passwords that are verified per second, with as many at once as the
// server verifies.
func bareHashes(b *testing.B) float64 {
	b.Helper()
	hasher := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := hasher.Hash(b.Context(), rightPassword)
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)-1) {
		all.Go(func() {
			for time.Since(began) < signInTime {
				if ok, err := hasher.Verify(b.Context(), rightPassword, hash); !ok || err != nil {
					b.Error(ok, err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(began).Seconds()
}

// signIns is a server with 100 users.
type signIns struct {
	url    string
	client *http.Client
	token  string // of the first user
}

func newSignIns(b *testing.B, limits string) *signIns {
	b.Helper()
	address := pgtest.URL(b)
	cfg, err := config.Load([]string{
		"GRADUS_MODE=development", "GRADUS_TRUSTED_PROXIES=127.0.0.1", "GRADUS_DATABASE_URL=" + address, limits,
	}, config.NeedDatabase)
	if err != nil {
		b.Fatal(err)
	}
	app, closeApp, err := wiring.NewApp(b.Context(), cfg, wiring.SystemRuntime(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(app.Handler)
	s := &signIns{url: server.URL + "/api/v1", client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * hostile}}}
	b.Cleanup(func() { s.client.CloseIdleConnections(); server.Close(); closeApp() })
	addUsers(b, address)
	_, _, s.token = s.signIn(b, "192.0.2.1", user(0), rightPassword)
	return s
}

func user(i int) string { return fmt.Sprintf("user%d@school.example", i%100) }

func addUsers(b *testing.B, address string) {
	b.Helper()
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	hash, err := secrets.NewPasswordHasher(secrets.Config{}).Hash(b.Context(), domain.Secret(rightPassword))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 100 {
		_, err := pool.Exec(b.Context(), `INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, 'User', 'member', $3, now())`,
			uuid.Must(uuid.NewV7()), user(i), hash)
		if err != nil {
			b.Fatal(err)
		}
	}
}

// signIn signs in from an address.
func (s *signIns) signIn(b *testing.B, from, email, password string) (status int, took time.Duration, token string) {
	b.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		b.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, s.url+"/auth/login", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", from)
	began := time.Now()
	res, err := s.client.Do(req)
	if err != nil {
		b.Error(err)
		return 0, 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	var session struct{ Token string }
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &session)
	}
	if err != nil {
		b.Error(err)
	}
	return res.StatusCode, time.Since(began), session.Token
}

// me returns the 95th percentile of GET /me, until stop.
func (s *signIns) me(b *testing.B, n int) time.Duration {
	b.Helper()
	var took []time.Duration
	for range n {
		req, err := http.NewRequest(http.MethodGet, s.url+"/me", http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		began := time.Now()
		res, err := s.client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		took = append(took, time.Since(began))
		if res.StatusCode != http.StatusOK {
			b.Errorf("GET /me returned %d", res.StatusCode)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return quantile(took, 0.95)
}

// rate prints the sign-ins per second with 16 in flight, and what others notice.
func (s *signIns) rate(b *testing.B, bare float64) {
	b.Helper()
	idle := s.me(b, 300)
	var n atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for worker := range inFlight {
		all.Go(func() {
			for i := worker; time.Since(began) < signInTime; i += inFlight {
				if status, _, _ := s.signIn(b, fmt.Sprintf("192.0.2.%d", i%250), user(i), rightPassword); status != http.StatusOK {
					b.Errorf("signing in returned %d", status)
				}
				n.Add(1)
			}
		})
	}
	busy := s.me(b, 300)
	all.Wait()
	rate := float64(n.Load()) / time.Since(began).Seconds()
	say("sign-ins, 16 in flight: %.1f/s, bare hashes %.1f/s, ratio %.2f", rate, bare, rate/bare)
	say("GET /me, p95: %.1f ms idle, %.1f ms while 16 sign in", ms(idle), ms(busy))
}

// timing prints whether the time to reject a password tells whether an account exists.
func (s *signIns) timing(b *testing.B) {
	b.Helper()
	var known, unknown []time.Duration
	for i := range timedPairs {
		from := fmt.Sprintf("198.51.%d.%d", i/250, i%250)
		sides := []struct {
			email string
			times *[]time.Duration
		}{{user(i), &known}, {fmt.Sprintf("nobody%d@school.example", i), &unknown}}
		if i%2 == 1 {
			slices.Reverse(sides)
		}
		for _, side := range sides {
			status, took, _ := s.signIn(b, from, side.email, wrongPassword)
			if status != http.StatusUnauthorized {
				b.Errorf("a wrong password returned %d", status)
			}
			*side.times = append(*side.times, took)
		}
	}
	var differences []time.Duration
	for i := range known {
		differences = append(differences, known[i]-unknown[i])
	}
	k, u := quantile(known, 0.5), quantile(unknown, 0.5)
	say("a wrong password, median of %d: %.2f ms for known accounts, %.2f ms for unknown ones, median difference of a pair %.2f ms", timedPairs, ms(k), ms(u), ms(quantile(differences, 0.5)))
}

// flood prints what others notice of wrong passwords on 200 connections, from one network and from
// 200, with the default limits.
func (s *signIns) flood(b *testing.B) {
	b.Helper()
	for _, networks := range []int{1, hostile} {
		var stop atomic.Bool
		var sent, verified atomic.Int64
		var attackers sync.WaitGroup
		for i := range hostile {
			attackers.Go(func() {
				for n := 0; !stop.Load(); n++ {
					status, _, _ := s.signIn(b, fmt.Sprintf("203.0.%d.%d", networks%200, i%networks), fmt.Sprintf("victim%d-%d@school.example", i, n), wrongPassword)
					sent.Add(1)
					if status == http.StatusUnauthorized {
						verified.Add(1)
					}
					time.Sleep(roundTrip)
				}
			})
		}
		// Nothing tells an attacker's first sign-in from a newcomer's. Afterwards the attackers come last.
		for began := time.Now(); verified.Load() < int64(networks) && time.Since(began) < warmUp; {
			time.Sleep(100 * time.Millisecond)
		}
		waits := s.honest(b)
		stop.Store(true)
		attackers.Wait()
		quick := 0
		for _, w := range waits {
			if w <= 2*time.Second {
				quick++
			}
		}
		if len(waits) == 0 {
			b.Errorf("with %d hostile networks, no honest sign-in succeeded", networks)
			continue
		}
		say("%d hostile connections from %d networks, %d requests: %d of %d honest sign-ins within 2 s, median %.0f ms, p99 %.0f ms",
			hostile, networks, sent.Load(), quick, honestSignIns, ms(quantile(waits, 0.5)), ms(quantile(waits, 0.99)))
	}
}

// honest signs in from networks of their own, and returns how long those waited who could.
func (s *signIns) honest(b *testing.B) []time.Duration {
	b.Helper()
	var mu sync.Mutex
	var waits []time.Duration
	failed := map[int]int{} // by status
	var all sync.WaitGroup
	for i := range honestSignIns {
		all.Go(func() {
			status, took, _ := s.signIn(b, fmt.Sprintf("198.51.100.%d", i), user(i), rightPassword)
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusOK {
				waits = append(waits, took)
			} else {
				failed[status]++
			}
		})
		time.Sleep(honestEvery)
	}
	all.Wait()
	if len(failed) > 0 {
		say("honest sign-ins failed, by status: %v", failed)
	}
	return waits
}
