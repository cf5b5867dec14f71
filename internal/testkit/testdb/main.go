// Command testdb runs a command with TEST_DATABASE_URL set to a PostgreSQL server, so that
// all test binaries of the command share one:
//
//	go run ./internal/testkit/testdb go test ./...
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testdb:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 2, errors.New("usage: testdb COMMAND [ARG...]")
	}
	// On an interrupt, stop the command before the server.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		s, err := pgtest.Serve(context.Background())
		if err != nil {
			return 1, err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err = errors.Join(err, s.Stop(ctx))
		}()
		address = s.URL()
		fmt.Println("testdb:", s.Kind())
	} else {
		version, err := pgtest.Version(context.Background(), address)
		if err != nil {
			return 1, fmt.Errorf("TEST_DATABASE_URL: %w", err)
		}
		fmt.Println("testdb:", version, "(TEST_DATABASE_URL)")
	}
	return execute(args, address, signals)
}

func execute(args []string, address string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "TEST_DATABASE_URL="+address)
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s)
		case err := <-done:
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				return max(exit.ExitCode(), 1), nil
			}
			return 0, err
		}
	}
}
