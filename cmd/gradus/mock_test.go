package main

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMock(t *testing.T) {
	t.Parallel()
	listen := free(t)
	stop, _ := background(t, nil, "mock", "--listen", listen)
	await(t, func() error {
		_, err := me("http://" + listen)
		return err
	})
	body, err := me("http://" + listen)
	if err != nil || !strings.Contains(body, `"role"`) {
		t.Errorf("returned %s, %v", body, err)
	}
	code, out := stop()
	if code != exitOK || !strings.Contains(out, "http://"+listen+"/docs; CORS is enabled for pages on this machine\n") {
		t.Errorf("ended with %d: %s", code, out)
	}
}

func TestMock_NamesTheFlagOfAPortInUse(t *testing.T) {
	t.Parallel()
	listen := free(t)
	stop, _ := background(t, nil, "mock", "--listen", listen)
	await(t, func() error {
		_, err := me("http://" + listen)
		return err
	})
	if code, _, stderr := gradus(t, nil, "", "mock", "--listen", listen); code != exitFault || !strings.Contains(stderr, "Set --listen to another") {
		t.Errorf("code %d: %s", code, stderr)
	}
	if code, out := stop(); code != exitOK {
		t.Errorf("ended with %d: %s", code, out)
	}
}

// me returns the response of GET /me.
func me(base string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, base+"/api/v1/me", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer x")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// BenchmarkMock_FirstResponse measures the time from the start of the process to its first
// response. The goal is 50 ms. `make bench-mock` runs it.
func BenchmarkMock_FirstResponse(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "gradus")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), bin, "mock", "--listen", "127.0.0.1:0")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		_, at, _ := strings.Cut(line, " on ")
		base, _, _ := strings.Cut(at, "/api/v1")
		if body, err := me(base); err != nil || !strings.Contains(body, `"role"`) {
			b.Fatalf("returned %s, %v", body, err)
		}
		b.StopTimer()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		b.StartTimer()
	}
}
