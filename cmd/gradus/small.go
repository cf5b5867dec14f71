package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/gradus-dev/gradus/api"
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
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8080/readyz" help:"The readiness address to ask."`
}

// Run asks a server whether it is ready; the answer is the exit code.
func (h healthcheckCmd) Run(ctx context.Context, p process) error {
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
