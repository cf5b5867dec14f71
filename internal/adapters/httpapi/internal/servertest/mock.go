package servertest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
)

// MockOrigin is the public URL of mock servers.
const MockOrigin = "http://127.0.0.1:8080"

// NewMock returns the handler of a mock server. The test may change its MockConfig.
func NewMock(tb testing.TB, change ...func(*httpapi.MockConfig)) http.Handler {
	tb.Helper()
	public, err := url.Parse(MockOrigin)
	if err != nil {
		tb.Fatal(err)
	}
	cfg := httpapi.MockConfig{HTTP: Config(tb), LoopbackOrigins: true}
	cfg.HTTP.PublicURL, cfg.HTTP.InsecureCookies = public, true
	for _, f := range change {
		f(&cfg)
	}
	h, err := httpapi.NewMock(cfg, Clock, NewID, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// StartMock starts a mock server, whose responses are checked against the contract. Of
// the Server only URL and Client are set.
func StartMock(tb testing.TB, change ...func(*httpapi.MockConfig)) *Server {
	tb.Helper()
	listening := httptest.NewServer(NewMock(tb, change...))
	tb.Cleanup(listening.Close)
	return &Server{URL: listening.URL, Client: contract.Client(tb)}
}
