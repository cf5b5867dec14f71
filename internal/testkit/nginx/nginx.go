// Package nginx runs the real nginx in front of a server, for tests of what proxies do.
package nginx

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Host is the name of the server that nginx serves.
const Host = "school.example"

// configuration needs no root and no files outside of its directory. Its arguments are the
// socket and the body of the server block.
const configuration = `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen unix:%s;
		server_name ` + Host + `;
		%s
	}
}
`

const startTimeout = 10 * time.Second

// Start runs nginx with the body of its server block until the test ends, and returns a
// client for http://school.example that goes through it. The client does not follow
// redirects.
func Start(tb testing.TB, server string) *http.Client {
	tb.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		tb.Fatal("this test needs nginx: apt-get install nginx-light")
	}
	dir, err := os.MkdirTemp("", "nginx") //nolint:usetesting // a socket's path has at most 107 bytes
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "nginx.conf")
	socket := filepath.Join(dir, "nginx.sock")
	if err := os.WriteFile(file, fmt.Appendf(nil, configuration, socket, server), 0o600); err != nil {
		tb.Fatal(err)
	}
	run(tb, exec.CommandContext(context.Background(), program, "-p", dir+"/", "-c", file), socket) //nolint:gosec // a program of the system
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// run starts nginx, and waits until it listens.
func run(tb testing.TB, cmd *exec.Cmd, socket string) {
	tb.Helper()
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	deadline := time.After(startTimeout)
	for {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			tb.Fatalf("nginx ended: %s", output.String())
		case <-deadline:
			tb.Fatalf("nginx does not listen after %v: %v", startTimeout, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
