package embeddedpg

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The first one that the machine knows. All of them tell upper from lower case in every
// script and sort by code point, except the last, which knows only ASCII.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=C", "--lc-ctype=UTF-8"},
	{"--locale=C"},
}

// dataMajor reads the version that made the data. It is 0 if there are none yet.
func (p place) dataMajor() (int, error) {
	b, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		entries, err := os.ReadDir(p.data())
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
			return 0, nil
		}
		return 0, fmt.Errorf("%w: %s is not empty and has no PG_VERSION; move it away to start with an empty database", ErrNotData, p.data())
	case errors.Is(err, fs.ErrPermission):
		return 0, fmt.Errorf("%w: %s belongs to another user; start as that user or as root", ErrUnreachable, p.data())
	case err != nil:
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("%w: its PG_VERSION says %q", ErrNotData, strings.TrimSpace(string(b)))
	}
	return major, nil
}

// initData makes the data directory next to its place and moves it there when complete,
// so that a half-made one is never met.
func (p place) initData(ctx context.Context, bin binaries, sync bool) error {
	// Never served from, so nothing of worth is in it.
	if err := removeLeftovers(p.dir, "init-*"); err != nil {
		return err
	}
	work, err := os.MkdirTemp(p.dir, "init-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	password := rand.Text()
	secret := filepath.Join(work, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if err := errors.Join(p.account.own(work), p.account.own(secret)); err != nil {
		return err
	}
	made := filepath.Join(work, "data")
	if err := p.initdb(ctx, bin, made, secret, sync); err != nil {
		return err
	}
	// The password first: data without it would be locked away.
	if err := os.WriteFile(p.file("password"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	// Fails unless the target is missing or empty.
	return os.Rename(made, p.data())
}

func (p place) initdb(ctx context.Context, bin binaries, made, secret string, sync bool) error {
	var out []byte
	var err error
	for _, locale := range locales {
		args := append([]string{
			"--pgdata=" + made, "--username=" + role, "--pwfile=" + secret,
			"--auth=scram-sha-256", "--encoding=UTF8",
		}, locale...)
		if !sync {
			args = append(args, "--no-sync")
		}
		out, err = p.command(ctx, filepath.Join(bin.dir, "initdb"), args...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("locale")) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(out))
	}
	return nil
}

func (p place) readPassword() (string, error) {
	b, err := os.ReadFile(p.file("password"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s is missing, and without it %s stays closed", ErrNotData, p.file("password"), p.data())
	}
	return strings.TrimSpace(string(b)), err
}

func lastLines(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
