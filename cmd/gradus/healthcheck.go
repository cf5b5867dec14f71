package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
)

const healthcheckTimeout = 5 * time.Second

type healthcheckCmd struct {
	URL string `arg:"" optional:"" help:"URL of the readiness probe (default: /readyz on GRADUS_LISTEN)."`
}

// Run requests the readiness probe. The exit code is the result.
func (h healthcheckCmd) Run(ctx context.Context, p process) error {
	url, err := h.url(p)
	if err != nil {
		return err
	}
	if err := checkReady(ctx, url); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, "ready")
	return err
}

func (h healthcheckCmd) url(p process) (string, error) {
	if h.URL != "" {
		return h.URL, nil
	}
	cfg, err := config.Load(p.environment)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // the server listens on all interfaces
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}

func checkReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// A proxy of HTTP_PROXY could not reach this server.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("not reachable: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
