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

// launch starts the server, which nothing runs yet.
func launch(ctx context.Context, c Config, p place) (*Server, error) {
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
	s := &Server{place: p, password: password, port: port}
	if err := p.run(ctx, bin, port, c.Settings); err != nil {
		return nil, err
	}
	return s, os.WriteFile(p.file("port"), []byte(strconv.Itoa(int(port))+"\n"), 0o644)
}

// run starts the server by pg_ctl, which sets it free of this process and its terminal.
func (p place) run(ctx context.Context, bin binaries, port uint16, settings map[string]string) error {
	log, err := p.freshLog()
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

// options are what pg_ctl hands to a shell.
func options(port uint16, settings map[string]string) string {
	all := map[string]string{"timezone": "UTC", "log_timezone": "UTC"}
	maps.Copy(all, settings)
	// Not for a caller to change: nobody outside this machine may connect, and a socket's
	// path may have no more than 107 bytes.
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

// freshLog makes an empty log that the server's account may write, and keeps the one of
// the last run.
func (p place) freshLog() (string, error) {
	log := p.file("postgres.log")
	if exists(log) {
		if err := os.Rename(log, log+".1"); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		return "", err
	}
	return log, p.account.own(log)
}

// choosePort takes the wanted port, or that of the last run if it is still free, or any.
func (p place) choosePort(ctx context.Context, wanted uint16) (uint16, error) {
	if wanted != 0 {
		if !isFree(ctx, wanted) {
			return 0, fmt.Errorf("%w: 127.0.0.1:%d", ErrPortTaken, wanted)
		}
		return wanted, nil
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

// listen tells which port it could listen on, having stopped.
func listen(ctx context.Context, port uint16) (uint16, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		return 0, err
	}
	got := l.Addr().(*net.TCPAddr).Port
	return uint16(got), l.Close()
}
