package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// slowly sends a request whose body is sent when the server asks for it, which is after
// authentication, and after during has returned.
func (e *env) slowly(t *testing.T, c client, method, path string, body any, during func()) response {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	asked := false
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { asked = true; during() }})
	req, err := http.NewRequestWithContext(ctx, method, e.URL+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Expect", "100-continue")
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !asked {
		t.Fatalf("%s %s: the server did not ask for the body: %d %s", method, path, res.StatusCode, got)
	}
	return response{Method: method, Path: path, Status: res.StatusCode, Header: res.Header, Body: got}
}

// The attacks that the lock of the actor prevents, as a client carries them out.
func TestSlowRequests_OfActorsWhoLostTheirRightsAreRejected(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	e.AddUser(t, "second@school.example", "Second", "admin")
	second := e.session("second@school.example")
	e.snapshot = e.Snapshot(t)
	admin := e.actors["admin"]
	for name, lose := range map[string]func(){
		"suspended":  func() { second.Post("/users/"+admin.ID+"/suspension", nil).Expect(http.StatusOK) },
		"demoted":    func() { second.Put("/users/"+admin.ID+"/role", object{"role": "member"}).Expect(http.StatusOK) },
		"signed out": func() { admin.Post("/auth/logout", nil).Expect(http.StatusNoContent) },
	} {
		for _, op := range loadOperations(t) {
			r, ok := rowOf(op.OperationID)
			if !ok || op.RequestBody == nil || r.Body == nil || r.allows("anonymous") {
				continue
			}
			before := e.entries(t)
			res := e.slowly(t, admin, op.method, fixture.Path(t, op.path, e.First()), e.fill(r.Body), lose)
			if res.Status != http.StatusUnauthorized {
				t.Errorf("%s while being %s: %d %s", op.OperationID, name, res.Status, res.Body)
			}
			if n := e.entries(t) - before; n != 1 {
				t.Errorf("%s while being %s: %d changes, want that of the rights alone", op.OperationID, name, n)
			}
			e.snapshot.Restore(t)
		}
	}
}

// entries returns the number of changes in the audit log.
func (e *env) entries(t *testing.T) int {
	t.Helper()
	return len(e.Strings(t, `SELECT action FROM audit_entries`))
}

// upstreamHook is called before each request to the upstream server.
type upstreamHook struct {
	mu sync.Mutex
	f  func(path string)
}

func (h *upstreamHook) set(f func(path string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.f = f
}

// option puts a proxy that calls the hook in front of the upstream server.
func (h *upstreamHook) option(t *testing.T) testserver.Option {
	t.Helper()
	return func(cfg *config.Config) {
		target, err := url.Parse(cfg.WakaTime.APIURL)
		if err != nil {
			t.Fatal(err)
		}
		target.Path = ""
		forward := httputil.NewSingleHostReverseProxy(target)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.mu.Lock()
			f := h.f
			h.mu.Unlock()
			if f != nil {
				f(r.URL.Path)
			}
			forward.ServeHTTP(w, r)
		}))
		t.Cleanup(proxy.Close)
		cfg.WakaTime.APIURL = strings.Replace(cfg.WakaTime.APIURL, target.String(), proxy.URL, 1)
		cfg.WakaTime.OAuthURL = strings.Replace(cfg.WakaTime.OAuthURL, target.String(), proxy.URL, 1)
	}
}

// Connecting asks the server of the account, which can take seconds.
func TestConnecting_StoresNothingIfTheSessionEndsMeanwhile(t *testing.T) {
	t.Parallel()
	tests := map[string]func(e *env, ada client) response{
		"by key": func(e *env, ada client) response {
			return ada.Put("/me/wakatime/api-key", object{"api_key": e.Fake.APIKey("ada")})
		},
		"by OAuth": func(_ *env, ada client) response { return ada.Post("/me/wakatime/callback", ada.Consent("ada")) },
	}
	for name, connect := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hook upstreamHook
			e := newEnv(t, hook.option(t))
			ada := e.member("Ada")
			e.wakatimeUser("ada", "UTC")
			var once sync.Once
			hook.set(func(path string) {
				if strings.HasSuffix(path, "/users/current") {
					once.Do(func() { e.admin.Post("/users/"+ada.ID+"/suspension", nil).Expect(http.StatusOK) })
				}
			})
			connect(e, ada).ExpectProblem(http.StatusUnauthorized, "unauthenticated")
			for _, table := range []string{"wakatime_connections", "wakatime_accounts", "wakatime_authorizations"} {
				if rows := e.Strings(t, `SELECT user_id::text FROM `+table); len(rows) > 0 {
					t.Errorf("the table %s has %d rows", table, len(rows))
				}
			}
			if jobs := e.Strings(t, `SELECT kind FROM gradus_river.river_job`); len(jobs) > 0 {
				t.Errorf("enqueued %q", jobs)
			}
			if n := e.Fake.Calls("ada", "revoke"); n != map[string]int{"by OAuth": 1}[name] {
				t.Errorf("the grant was revoked %d times", n)
			}
		})
	}
}

var usedConnections = regexp.MustCompile(`(?m)^pgxpool_acquired_conns\{pool="api"\} (\d+)$`)

// held returns how many connections to the database the server is using.
func (e *env) held(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	e.App.Metrics.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	found := usedConnections.FindStringSubmatch(w.Body.String())
	if found == nil {
		t.Error("there is no metric of used connections")
		return ""
	}
	return found[1]
}

// A request that waits for a body or for another server must not slow down all others.
// TestHashing_HoldsNoConnection is about password hashes.
func TestRequests_HoldNoConnectionWhileTheyReadTheBody(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, op := range loadOperations(t) {
		if op.RequestBody == nil {
			continue
		}
		e.slowly(t, e.admin, op.method, fixture.Path(t, op.path, fixture.Missing()), object{}, func() {
			if n := e.held(t); n != "0" {
				t.Errorf("%s holds %s connections while it reads the body", op.OperationID, n)
			}
		})
	}
}

func TestRequests_HoldNoConnectionWhileTheyWaitForAServer(t *testing.T) {
	t.Parallel()
	var hook upstreamHook
	e := newEnv(t, hook.option(t))
	_, key := e.batch("Evening", "UTC")
	e.wakatimeUser("ada", "UTC")
	e.wakatimeUser("spare", "UTC")
	ada := e.student("Ada", key)
	calls := map[string]int{}
	hook.set(func(path string) {
		calls[path[strings.LastIndex(path, "/")+1:]]++
		if n := e.held(t); n != "0" {
			t.Errorf("%s connections are held during a request to %s", n, path)
		}
	})
	sync := func() {
		user := must(domain.ParseID[domain.User](ada.ID))
		if err := e.App.Syncer.Sync(t.Context(), domain.System, user, domain.SyncRequest{Scope: domain.SyncOnDemand}); err != nil {
			t.Error(err)
		}
	}
	ada.Put("/me/wakatime/api-key", object{"api_key": e.Fake.APIKey("spare")}).Expect(http.StatusOK)
	ada.ConnectByOAuth("ada")
	sync()
	e.Clock.Advance(365 * 24 * time.Hour) // the tokens expire
	ada = e.session(ada.Email)
	sync()
	ada.Delete("/me/wakatime").Expect(http.StatusOK)
	ada.ConnectByOAuth("ada")
	e.admin = e.session(e.admin.Email)
	e.admin.Post("/users/"+ada.ID+"/suspension", nil).Expect(http.StatusOK)
	for call, want := range map[string]int{"current": 3, "token": 3, "summaries": 2, "revoke": 2} {
		if calls[call] < want {
			t.Errorf("%d requests to %s, want at least %d", calls[call], call, want)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
