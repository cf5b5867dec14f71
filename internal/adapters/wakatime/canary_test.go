package wakatime_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

// canaries are secrets that must not appear anywhere but in requests.
var canaries = []string{
	"waka_tok_canary", "waka_ref_canary", "code-canary", "verifier-canary", clientSecret,
	"waka_key_canary", base64.StdEncoding.EncodeToString([]byte("waka_key_canary")),
}

// echoes are servers that return the received secrets, each in a different place.
var echoes = map[string]http.HandlerFunc{
	"in a JSON error": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 400, `{"error":"invalid_request","error_description":"%s"}`)
	},
	"as an OAuth error": func(w http.ResponseWriter, r *http.Request) { echo(w, r, 400, `{"error":"%s"}`) },
	"in a server error": func(w http.ResponseWriter, r *http.Request) { echo(w, r, 500, "panic: %s") },
	"in a 404":          func(w http.ResponseWriter, r *http.Request) { echo(w, r, 404, "%s") },
	"in HTML":           func(w http.ResponseWriter, r *http.Request) { echo(w, r, 200, "<title>%s</title>") },
	"in broken JSON":    func(w http.ResponseWriter, r *http.Request) { echo(w, r, 200, `{"data":"%s`) },
	"as a JSON object": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 200, `{"data":{"%s":1},"access_token":"\n%[1]s"}`)
	},
	"as the wrong type": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 200, `{"data":[{"grand_total":"%s","range":"%[1]s"}]}`)
	},
	"as a day and its zone": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 200, `{"data":[{"range":{"start":"%s","timezone":"%[1]s"}}]}`)
	},
	"in Retry-After": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", secrets(r))
		echo(w, r, 429, "%s")
	},
	"in a redirect": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://evil.example/?"+secrets(r)+"%zz")
		echo(w, r, 302, "%s")
	},
	"as the whole response": func(w http.ResponseWriter, r *http.Request) { hijack(w, secrets(r)+"\r\n\r\n") },
	"as the status":         func(w http.ResponseWriter, r *http.Request) { hijack(w, "HTTP/1.1 "+secrets(r)+"\r\n\r\n") },
	"as a header":           func(w http.ResponseWriter, r *http.Request) { hijack(w, "HTTP/1.1 200 OK\r\n"+secrets(r)+"\r\n\r\n") },
	"as a length": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: "+secrets(r)+"\r\n\r\n")
	},
	"as an encoding": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "+secrets(r)+"\r\n\r\n")
	},
	"as a chunk": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+secrets(r)+"\r\n")
	},
	"as gzip": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+secrets(r))
	},
}

// secrets returns all secrets in a request, on one line.
func secrets(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	auth := r.Header.Get("Authorization")
	_, coded, _ := strings.Cut(auth, " ")
	key, _ := base64.StdEncoding.DecodeString(coded)
	return strings.Join([]string{auth, string(key), string(body)}, " ")
}

func echo(w http.ResponseWriter, r *http.Request, status int, format string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, format, secrets(r))
}

func hijack(w http.ResponseWriter, response string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, response)
	_ = conn.Close()
}

func TestErrors_LeakNoSecrets(t *testing.T) {
	t.Parallel()
	for name, h := range echoes {
		t.Run("a server returns them "+name, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, h, shortTimeout)
			checkNoLeak(t, c)
		})
	}
	t.Run("the connection is refused", func(t *testing.T) {
		t.Parallel()
		checkNoLeak(t, newClient(t, "http://127.0.0.1:1"))
	})
	t.Run("the host does not exist", func(t *testing.T) {
		t.Parallel()
		checkNoLeak(t, newClient(t, "http://no-such-host.invalid", shortTimeout))
	})
	t.Run("the certificate is not trusted", func(t *testing.T) {
		t.Parallel()
		web := httptest.NewUnstartedServer(http.NotFoundHandler())
		web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		web.StartTLS()
		t.Cleanup(web.Close)
		checkNoLeak(t, newClient(t, web.URL))
	})
	t.Run("the transport returns an arbitrary error", func(t *testing.T) {
		t.Parallel()
		c := newClient(t, "https://wakatime.example")
		c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot send %s", secrets(r))
		}))
		checkNoLeak(t, c)
	})
	t.Run("the client is printed", func(t *testing.T) {
		t.Parallel()
		c := newClient(t, "https://wakatime.example")
		checkSecrets(t, "client", fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c))
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "client", c)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", c)
		checkSecrets(t, "log", log.String())
	})
}

// checkNoLeak calls every method and checks the errors.
func checkNoLeak(t *testing.T, c *wakatime.Client) {
	t.Helper()
	r := days(t, "2026-11-16", "2026-11-17")
	for call, do := range map[string]func(context.Context) error{
		"Exchange": func(ctx context.Context) error {
			_, err := c.Exchange(ctx, "code-canary", "verifier-canary")
			return err
		},
		"Refresh": func(ctx context.Context) error { _, err := c.Refresh(ctx, "waka_ref_canary"); return err },
		"Revoke":  func(ctx context.Context) error { return c.Revoke(ctx, "waka_tok_canary") },
		"Account": func(ctx context.Context) error { _, err := c.Account(ctx, bearer("waka_tok_canary")); return err },
		"Summaries": func(ctx context.Context) error {
			_, err := c.Summaries(ctx, bearer("waka_tok_canary"), zone, r)
			return err
		},
		"Account by key": func(ctx context.Context) error {
			_, err := c.Account(ctx, domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: "waka_key_canary"})
			return err
		},
		"Yardstick": func(ctx context.Context) error {
			_, err := c.Yardstick(ctx, domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: "waka_key_canary"}, zone, r)
			return err
		},
		"BaseURLs": func(context.Context) error {
			_, err := c.BaseURLs("https://evil.example/?api_key=waka_key_canary")
			return err
		},
		"Summaries by key": func(ctx context.Context) error {
			_, err := c.Summaries(ctx, domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: "waka_key_canary"}, zone, r)
			return err
		},
	} {
		err := do(t.Context())
		if err == nil && call != "Revoke" {
			t.Errorf("%s succeeded, want an error to check", call)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			encoded, _ := json.Marshal(err)
			checkSecrets(t, call, fmt.Sprintf("%v\n%+v\n%#v\n%s", err, err, err, encoded))
			if op, ok := errors.AsType[*net.OpError](err); ok {
				checkSecrets(t, call, fmt.Sprintf("%#v", op.Err))
			}
		}
	}
}

func checkSecrets(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range canaries {
		if strings.Contains(text, secret) {
			t.Errorf("%s contains %q: %s", what, secret, text)
		}
	}
}
