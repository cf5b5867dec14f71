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

// canaries must not be told to anybody but the server.
var canaries = []string{
	"waka_tok_canary", "waka_ref_canary", "code-canary", "verifier-canary", clientSecret,
	"waka_key_canary", base64.StdEncoding.EncodeToString([]byte("waka_key_canary")),
}

// echoes are servers that send back whatever they were sent, each in another place.
var echoes = map[string]http.HandlerFunc{
	"in a JSON error": func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 400, `{"error":"invalid_request","error_description":"%s"}`)
	},
	"as an OAuth error": func(w http.ResponseWriter, r *http.Request) { echo(w, r, 400, `{"error":"%s"}`) },
	"in a server error": func(w http.ResponseWriter, r *http.Request) { echo(w, r, 500, "panic: %s") },
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
		w.Header().Set("Retry-After", sent(r))
		echo(w, r, 429, "%s")
	},
	"in a redirect": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://evil.example/?"+sent(r)+"%zz")
		echo(w, r, 302, "%s")
	},
	"as the whole answer": func(w http.ResponseWriter, r *http.Request) { hijack(w, sent(r)+"\r\n\r\n") },
	"as the status":       func(w http.ResponseWriter, r *http.Request) { hijack(w, "HTTP/1.1 "+sent(r)+"\r\n\r\n") },
	"as a header":         func(w http.ResponseWriter, r *http.Request) { hijack(w, "HTTP/1.1 200 OK\r\n"+sent(r)+"\r\n\r\n") },
	"as a length": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: "+sent(r)+"\r\n\r\n")
	},
	"as an encoding": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "+sent(r)+"\r\n\r\n")
	},
	"as a chunk": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+sent(r)+"\r\n")
	},
	"as gzip": func(w http.ResponseWriter, r *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+sent(r))
	},
}

// sent is everything secret in a request, on one line.
func sent(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	auth := r.Header.Get("Authorization")
	_, coded, _ := strings.Cut(auth, " ")
	key, _ := base64.StdEncoding.DecodeString(coded)
	return strings.Join([]string{auth, string(key), string(body)}, " ")
}

func echo(w http.ResponseWriter, r *http.Request, status int, format string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, format, sent(r))
}

func hijack(w http.ResponseWriter, answer string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, answer)
	_ = conn.Close()
}

func TestNothingSecretIsTold(t *testing.T) {
	t.Parallel()
	for name, h := range echoes {
		t.Run("to a server that repeats it "+name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, h, quickly)
			silent(t, c)
		})
	}
	t.Run("when nobody is there", func(t *testing.T) {
		t.Parallel()
		silent(t, connect(t, "http://127.0.0.1:1"))
	})
	t.Run("when the address does not exist", func(t *testing.T) {
		t.Parallel()
		silent(t, connect(t, "http://no-such-host.invalid", quickly))
	})
	t.Run("when the certificate is not trusted", func(t *testing.T) {
		t.Parallel()
		web := httptest.NewUnstartedServer(http.NotFoundHandler())
		web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		web.StartTLS()
		t.Cleanup(web.Close)
		silent(t, connect(t, web.URL))
	})
	t.Run("when the network says what it likes", func(t *testing.T) {
		t.Parallel()
		c := connect(t, "https://wakatime.example")
		c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot send %s", sent(r))
		}))
		silent(t, c)
	})
	t.Run("by a client that is printed", func(t *testing.T) {
		t.Parallel()
		c := connect(t, "https://wakatime.example")
		check(t, "client", fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c))
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "client", c)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", c)
		check(t, "log", log.String())
	})
}

// silent calls everything and looks at what it says about failing.
func silent(t *testing.T, c *wakatime.Client) {
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
		"Summaries by key": func(ctx context.Context) error {
			_, err := c.Summaries(ctx, domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: "waka_key_canary"}, zone, r)
			return err
		},
	} {
		err := do(t.Context())
		if err == nil && call != "Revoke" {
			t.Errorf("%s worked, so it proves nothing", call)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			encoded, _ := json.Marshal(err)
			check(t, call, fmt.Sprintf("%v\n%+v\n%#v\n%s", err, err, err, encoded))
			if op, ok := errors.AsType[*net.OpError](err); ok {
				check(t, call, fmt.Sprintf("%#v", op.Err))
			}
		}
	}
}

func check(t *testing.T, what, said string) {
	t.Helper()
	for _, secret := range canaries {
		if strings.Contains(said, secret) {
			t.Errorf("%s tells %q: %s", what, secret, said)
		}
	}
}
