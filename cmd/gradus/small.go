package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/config"
)

type openAPICmd struct{}

// Run prints the contract as YAML.
func (openAPICmd) Run(p process) error {
	_, err := p.stdout.Write(api.Spec)
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(p process) error {
	_, err := fmt.Fprintf(p.stdout, "gradus %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type healthcheckCmd struct {
	URL string `arg:"" optional:"" help:"The readiness address to ask; /readyz at GRADUS_LISTEN if none is given."`
}

// Run asks a server whether it is ready; the answer is the exit code.
func (h healthcheckCmd) Run(ctx context.Context, p process) error {
	if h.URL == "" {
		cfg, err := config.Load(p.environment)
		if err != nil {
			return err
		}
		host, port, err := net.SplitHostPort(cfg.Listen)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1" // a server that listens everywhere is asked here
		}
		h.URL = "http://" + net.JoinHostPort(host, port) + "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("not reachable: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	_, err = fmt.Fprintln(p.stdout, "ready")
	return err
}
