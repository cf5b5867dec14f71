package embeddedpg

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// launch starts the server, which must not be running.
func launch(ctx context.Context, c Config, p location) (*Server, error) {
	major, err := p.dataMajor()
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, c, p, major)
	if err != nil {
		return nil, err
	}
	port, err := p.choosePort(ctx, c.Port)
	if err != nil {
		return nil, err
	}
	if major == 0 {
		if err := p.initData(ctx, bin, c.Settings["fsync"] != "off"); err != nil {
			return nil, err
		}
	}
	password, err := p.readPassword()
	if err != nil {
		return nil, err
	}
	s := &Server{location: p, password: password, port: port}
	if err := p.run(ctx, bin, port, c.Settings); err != nil {
		return nil, err
	}
	return s, os.WriteFile(p.file("port"), []byte(strconv.Itoa(int(port))+"\n"), 0o644)
}

// run starts the server with pg_ctl, which detaches it from this process and its
// terminal.
func (p location) run(ctx context.Context, bin binaries, port uint16, settings map[string]string) error {
	log, err := p.rotateLog()
	if err != nil {
		return err
	}
	cmd := p.command(ctx, filepath.Join(bin.dir, "pg_ctl"), "start", "--wait",
		"--timeout="+strconv.Itoa(int(startTimeout/time.Second)),
		"--pgdata="+p.data(), "--log="+log, "--options="+options(port, settings))
	out, err := cmd.CombinedOutput()
	if err != nil {
		written, _ := os.ReadFile(log)
		return fmt.Errorf("the server did not start: %w: %s (see %s)", err, lastLines(append(out, written...)), log)
	}
	return nil
}

// options returns the server options, quoted because pg_ctl passes them to a shell.
func options(port uint16, settings map[string]string) string {
	all := map[string]string{"timezone": "UTC", "log_timezone": "UTC"}
	maps.Copy(all, settings)
	// Callers cannot override these: only this machine may connect, and the path of a
	// socket is limited to 107 bytes.
	all["listen_addresses"] = "127.0.0.1"
	all["unix_socket_directories"] = ""
	all["port"] = strconv.Itoa(int(port))
	var words []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		words = append(words, "-c", quote(name+"="+all[name]))
	}
	return strings.Join(words, " ")
}

func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// rotateLog creates an empty log that the server's account can write, and keeps the log
// of the last run.
func (p location) rotateLog() (string, error) {
	log := p.file("postgres.log")
	if exists(log) {
		if err := os.Rename(log, log+".1"); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		return "", err
	}
	return log, p.account.chown(log)
}

// choosePort returns the requested port, or the port of the last run if it is free, or
// any free port.
func (p location) choosePort(ctx context.Context, requested uint16) (uint16, error) {
	if requested != 0 {
		if !isFree(ctx, requested) {
			return 0, fmt.Errorf("%w: 127.0.0.1:%d", ErrPortTaken, requested)
		}
		return requested, nil
	}
	if b, err := os.ReadFile(p.file("port")); err == nil {
		last, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 16)
		if err == nil && last != 0 && isFree(ctx, uint16(last)) {
			return uint16(last), nil
		}
	}
	return freePort(ctx)
}

func isFree(ctx context.Context, port uint16) bool {
	_, err := listen(ctx, port)
	return err == nil
}

func freePort(ctx context.Context) (uint16, error) { return listen(ctx, 0) }

// listen listens on port, stops listening and returns the port that it used.
func listen(ctx context.Context, port uint16) (uint16, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		return 0, err
	}
	got := l.Addr().(*net.TCPAddr).Port
	return uint16(got), l.Close()
}
