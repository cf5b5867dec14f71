package wakatime_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

const zone = domain.TimeZone("America/Chicago")

func TestSummaries_UpstreamErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		want     domain.Reason
		wait     time.Duration
	}{
		"302 means the same as 429":           {fakewaka.Scenario{Status: 302, RetryAfter: "9"}, domain.ReasonThrottled, 9 * time.Second},
		"301 is not followed":                 {fakewaka.Scenario{Status: 301}, domain.ReasonInvalid, 0},
		"429":                                 {fakewaka.Scenario{Status: 429}, domain.ReasonThrottled, 0},
		"an account with heartbeats disabled": {fakewaka.Scenario{Status: 429, Message: "Consuming heartbeats has been disabled for account 1."}, domain.ReasonThrottled, 0},
		"202 is not ready":                    {fakewaka.Scenario{NotReady: true}, domain.ReasonNotReady, 0},
		"402 is outside the plan":             {fakewaka.Scenario{Status: 402}, domain.ReasonPlanLimited, 0},
		"days outside the plan":               {fakewaka.Scenario{HistoryDays: 2}, domain.ReasonPlanLimited, 0},
		"401":                                 {fakewaka.Scenario{Status: 401}, domain.ReasonUnauthorized, 0},
		"403 for a key":                       {fakewaka.Scenario{ScopeMissing: true}, domain.ReasonForbidden, 0},
		"404":                                 {fakewaka.Scenario{Status: 404}, domain.ReasonUnsupported, 0},
		"400":                                 {fakewaka.Scenario{Status: 400}, domain.ReasonInvalid, 0},
		"500":                                 {fakewaka.Scenario{Status: 500}, domain.ReasonUnavailable, 0},
		"503 with Retry-After":                {fakewaka.Scenario{Status: 503, RetryAfter: "30"}, domain.ReasonUnavailable, 30 * time.Second},
		"no response in time":                 {fakewaka.Scenario{Timeout: true}, domain.ReasonUnavailable, 0},
		"a late response":                     {fakewaka.Scenario{Delay: time.Minute}, domain.ReasonUnavailable, 0},
		"one byte per second":                 {fakewaka.Scenario{SlowBody: true}, domain.ReasonUnavailable, 0},
		"a dropped connection":                {fakewaka.Scenario{FailConnections: true}, domain.ReasonUnavailable, 0},
		"a truncated response":                {fakewaka.Scenario{Truncated: true}, domain.ReasonInvalid, 0},
		"HTML":                                {fakewaka.Scenario{HTML: true}, domain.ReasonInvalid, 0},
		"HTML with a status of 502":           {fakewaka.Scenario{HTML: true, Status: 502}, domain.ReasonUnavailable, 0},
		"an empty response":                   {fakewaka.Scenario{Empty: true}, domain.ReasonInvalid, 0},
		"malformed JSON":                      {fakewaka.Scenario{GarbageJSON: true}, domain.ReasonInvalid, 0},
		"a response over the size limit":      {fakewaka.Scenario{OversizeMB: 3}, domain.ReasonInvalid, 0},
		"numbers as strings":                  {fakewaka.Scenario{WrongTypes: true}, domain.ReasonInvalid, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, shortTimeout, func(cfg *wakatime.Config) { cfg.MaxBody = 2 << 20 })
			tc.scenario.Only = "summaries"
			h.SetScenario("ada", tc.scenario)
			_, err := h.Summaries(t.Context(), h.key("ada"), zone, days(t, "2026-11-17", "2026-11-23"))
			if up := upstream(t, err); up.Reason != tc.want || up.RetryAfter != tc.wait {
				t.Errorf("got %v after %s, want %s after %s", err, up.RetryAfter, tc.want, tc.wait)
			}
			if n := h.Calls("ada", "summaries"); n != 1 {
				t.Errorf("the server received %d requests", n)
			}
		})
	}
}

func TestSummaries_403ForAnAccessTokenMeansAMissingScope(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	cred := bearer(h.login(t).AccessToken)
	h.SetScenario("ada", fakewaka.Scenario{ScopeMissing: true})
	if _, err := h.Summaries(t.Context(), cred, zone, days(t, "2026-11-17", "2026-11-23")); reason(t, err) != domain.ReasonMissingScope {
		t.Errorf("got %v", err)
	}
}

func TestAccount_LimitsResponseSize(t *testing.T) {
	t.Parallel()
	c := newServerClient(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write([]byte(me))
		for spaces := bytes.Repeat([]byte(" "), 1<<16); err == nil && r.Context().Err() == nil; {
			_, err = w.Write(spaces)
		}
	}, func(cfg *wakatime.Config) { cfg.MaxBody = 1 << 20 })
	if _, err := c.Account(t.Context(), bearer("token")); reason(t, err) != domain.ReasonInvalid {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"17":                             17 * time.Second,
		" 17 ":                           17 * time.Second,
		"-5":                             0,
		"1.5":                            0,
		"soon":                           0,
		"3601":                           time.Hour,
		"31536000":                       time.Hour,
		"99999999999999999999999":        time.Hour,
		"Mon, 23 Nov 2026 16:40:25 GMT":  time.Minute,
		"Monday, 23-Nov-26 16:40:25 GMT": time.Minute,
		"Mon, 23 Nov 2026 16:39:24 GMT":  0,
		"Tue, 23 Nov 2027 16:39:24 GMT":  time.Hour,
	} {
		t.Run(strconv.Quote(header), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.SetScenario("", fakewaka.Scenario{Status: 429, RetryAfter: header})
			_, err := h.Account(t.Context(), h.key("ada"))
			if got := upstream(t, err).RetryAfter; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestAccount_ConnectionRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, "http://127.0.0.1:1")
	if _, err := c.Account(t.Context(), bearer("token")); reason(t, err) != domain.ReasonUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestAccount_RequestHeaders(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 1)
	c := newServerClient(t, func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Clone()
		_, _ = w.Write([]byte(`{"data":{"id":"x"}}`))
	}, func(cfg *wakatime.Config) { cfg.UserAgent = "gradus/1.2 (+https://gradus.example)" })
	for kind, want := range map[domain.ConnectionKind]string{
		domain.ConnectedByOAuth: "Bearer waka_tok_1",
		domain.ConnectedByKey:   "Basic " + base64.StdEncoding.EncodeToString([]byte("waka_tok_1")),
	} {
		if _, err := c.Account(t.Context(), domain.Credential{User: user, Kind: kind, Token: "waka_tok_1"}); err != nil {
			t.Fatal(err)
		}
		got := <-headers
		want := http.Header{
			"Authorization": {want}, "Accept": {"application/json"},
			"User-Agent": {"gradus/1.2 (+https://gradus.example)"}, "Accept-Encoding": {"gzip"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

func TestAccount_Cancellation(t *testing.T) {
	t.Parallel()
	t.Run("cancellation is not an upstream error", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.SetScenario("", fakewaka.Scenario{Timeout: true})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, err := h.Account(ctx, h.key("ada"))
		if _, ok := errors.AsType[*domain.UpstreamError](err); ok || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancellation does not open the circuit breaker", func(t *testing.T) {
		t.Parallel()
		c := newClient(t, "https://wakatime.example")
		for range 40 {
			ctx, cancel := context.WithCancel(t.Context())
			c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
				cancel()
				<-r.Context().Done()
				return nil, r.Context().Err()
			}))
			if _, err := c.Account(ctx, bearer("token")); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
		}
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, me), nil }))
		if _, err := c.Account(t.Context(), bearer("token")); err != nil {
			t.Errorf("next request: %v", err)
		}
	})
	t.Run("a cancelled context sends no request", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Account(ctx, h.key("ada")); !errors.Is(err, context.Canceled) || h.Calls("", "") != 0 {
			t.Errorf("got %v after %d calls", err, h.Calls("", ""))
		}
	})
	t.Run("a deadline is an upstream timeout", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.SetScenario("", fakewaka.Scenario{Timeout: true})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := h.Account(ctx, h.key("ada")); reason(t, err) != domain.ReasonUnavailable {
			t.Errorf("got %v", err)
		}
	})
}

const me = `{"data":{"id":"ada"}}`

func TestCircuitBreaker_OpensAfterFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://down.example", func(cfg *wakatime.Config) {
			cfg.AllowedBaseURLs = []string{"https://up.example/api"}
		})
		requests, status := 0, http.StatusBadGateway
		c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "up.example" {
				return respond(http.StatusOK, me), nil
			}
			requests++
			return respond(status, me), nil
		}))
		send := func() error {
			_, err := c.Account(t.Context(), bearer("token"))
			return err
		}
		for range 30 {
			if r := reason(t, send()); r != domain.ReasonUnavailable {
				t.Fatalf("got %s", r)
			}
		}
		if requests != 10 {
			t.Errorf("an unavailable server received %d requests, want 10", requests)
		}
		if wait := upstream(t, send()).RetryAfter; wait != 30*time.Second {
			t.Errorf("retry after %s, want 30s", wait)
		}
		if _, err := c.Account(t.Context(), domain.Credential{Kind: domain.ConnectedByKey, BaseURL: "https://up.example/api"}); err != nil {
			t.Errorf("another server: %v", err)
		}

		time.Sleep(31 * time.Second)
		if err := send(); err == nil || requests != 11 {
			t.Errorf("trial request: %v after %d requests", err, requests)
		}
		if err := send(); err == nil || requests != 11 {
			t.Errorf("still unavailable: %v after %d requests", err, requests)
		}
		time.Sleep(31 * time.Second)
		status = http.StatusOK
		for range 20 {
			if err := send(); err != nil {
				t.Fatalf("recovered: %v", err)
			}
		}
	})
}

func TestCircuitBreaker_IgnoresRejections(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 400, 401, 402, 403, 404, 429, 202} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "https://wakatime.example")
			requests := 0
			c.SetTransport(transport(func(*http.Request) (*http.Response, error) {
				requests++
				return respond(status, me), nil
			}))
			for range 40 {
				if _, err := c.Account(t.Context(), bearer("token")); err == nil {
					t.Fatal("no error")
				}
			}
			if requests != 40 {
				t.Errorf("the server received %d of 40 requests", requests)
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://wakatime.example", func(cfg *wakatime.Config) {
			cfg.RequestsPerSecond, cfg.PerUserPerSecond = 0, 0 // the defaults: 8 and 2
		})
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, me), nil }))
		send := func(ctx context.Context, who domain.UserID) error {
			_, err := c.Account(ctx, domain.Credential{User: who, Kind: domain.ConnectedByOAuth, Token: "token"})
			return err
		}
		took := func(n int, who func(int) domain.UserID) time.Duration {
			time.Sleep(time.Minute) // refill the limiters
			start := time.Now()
			for i := range n {
				if err := send(t.Context(), who(i)); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(start)
		}
		if d := took(22, func(int) domain.UserID { return user }); d != 10*time.Second {
			t.Errorf("22 requests of one user took %s, want 10s", d)
		}
		if d := took(88, func(i int) domain.UserID { return domain.UserID{1, byte(i)} }); d != 10*time.Second {
			t.Errorf("88 requests of as many users took %s, want 10s", d)
		}

		for range 4 {
			_ = send(t.Context(), user)
		}
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := send(short, user); reason(t, err) != domain.ReasonThrottled || time.Since(start) != 0 {
			t.Errorf("a request without time to wait: %v after %s", err, time.Since(start))
		}
	})
}

func TestRateLimits_DropIdleUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://wakatime.example", func(cfg *wakatime.Config) { cfg.PerUserPerSecond = 2 })
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, me), nil }))
		for i := range 10_000 {
			who := domain.UserID{byte(i), byte(i >> 8)}
			if _, err := c.Account(t.Context(), domain.Credential{User: who, Kind: domain.ConnectedByOAuth}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n := c.LimiterCount(); n > 1024 {
			t.Errorf("%d limiters are kept", n)
		}
	})
}

func TestSummaries_EncodesParameters(t *testing.T) {
	t.Parallel()
	queries := make(chan url.Values, 1)
	c := newServerClient(t, func(w http.ResponseWriter, r *http.Request) {
		queries <- r.URL.Query()
		_, _ = w.Write([]byte(`{"data":[]}`))
	})
	if _, err := c.Summaries(t.Context(), bearer("token"), "Etc/GMT+5&api_key=x", days(t, "2026-11-16", "2026-11-17")); err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"start": {"2026-11-16"}, "end": {"2026-11-17"}, "timezone": {"Etc/GMT+5&api_key=x"},
		"timeout": {"15"}, "writes_only": {"false"},
	}
	if diff := cmp.Diff(want, <-queries); diff != "" {
		t.Error(diff)
	}
}
