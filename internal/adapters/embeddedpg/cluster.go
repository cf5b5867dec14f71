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

// locales are tried in order until the machine supports one. All of them sort by code
// point and map case in every script, except the last, which maps only ASCII.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=C", "--lc-ctype=UTF-8"},
	{"--locale=C"},
}

// dataMajor returns the version that created the data, or 0 if there is no data.
func (p location) dataMajor() (int, error) {
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
		return 0, fmt.Errorf("%w: its PG_VERSION is %q", ErrNotData, strings.TrimSpace(string(b)))
	}
	return major, nil
}

// initData creates the data directory under a temporary name and renames it when it is
// complete, so that an incomplete one is never used.
func (p location) initData(ctx context.Context, bin binaries, sync bool) error {
	// Safe to delete: no server has used it.
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
	if err := errors.Join(p.account.chown(work), p.account.chown(secret)); err != nil {
		return err
	}
	created := filepath.Join(work, "data")
	if err := p.initdb(ctx, bin, created, secret, sync); err != nil {
		return err
	}
	// Write the password first: data without it would be inaccessible.
	if err := os.WriteFile(p.file("password"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	// Fails unless the target does not exist or is empty.
	return os.Rename(created, p.data())
}

func (p location) initdb(ctx context.Context, bin binaries, target, secret string, sync bool) error {
	var out []byte
	var err error
	for _, locale := range locales {
		args := append([]string{
			"--pgdata=" + target, "--username=" + role, "--pwfile=" + secret,
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

func (p location) readPassword() (string, error) {
	b, err := os.ReadFile(p.file("password"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s is missing, and %s cannot be used without it", ErrNotData, p.file("password"), p.data())
	}
	return strings.TrimSpace(string(b)), err
}

func lastLines(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
