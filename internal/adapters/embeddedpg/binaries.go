package embeddedpg

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// binaries is a directory with initdb, pg_ctl and postgres of one major version.
type binaries struct {
	dir   string
	major int
}

// binaryDirs are the directories of packages: Debian, Red Hat, Homebrew on both kinds
// of Mac, Postgres.app.
var binaryDirs = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findBinaries returns the binaries of major version wanted, or the newest installed ones
// if wanted is 0. It downloads binaries only for an empty data directory.
func findBinaries(ctx context.Context, c Config, p location, wanted int) (binaries, error) {
	found := local(ctx, c, p)
	if wanted == 0 {
		if len(found) == 0 {
			return download(ctx, c, p)
		}
		return slices.MaxFunc(found, func(a, b binaries) int { return a.major - b.major }), nil
	}
	if i := slices.IndexFunc(found, func(b binaries) bool { return b.major == wanted }); i >= 0 {
		return found[i], nil
	}
	return binaries{}, fmt.Errorf("%w: %s was created by PostgreSQL %d, and this machine has %s; install PostgreSQL %d, or move the directory away to start with an empty database",
		ErrVersion, p.data(), wanted, versions(found), wanted)
}

func local(ctx context.Context, c Config, p location) []binaries {
	var found []binaries
	for _, dir := range candidates(ctx, c, p) {
		if major := p.major(ctx, dir); major >= oldestMajor {
			found = append(found, binaries{dir: dir, major: major})
		}
	}
	return found
}

func candidates(ctx context.Context, c Config, p location) []string {
	var dirs, patterns []string
	home := c.home(p)
	downloaded, _ := fs.Glob(os.DirFS(home), "postgresql-*/bin")
	for _, dir := range downloaded {
		dirs = append(dirs, filepath.Join(home, dir))
	}
	if !c.Download {
		patterns = append(patterns, binaryDirs...)
		if out, err := p.command(ctx, "pg_config", "--bindir").Output(); err == nil {
			patterns = append(patterns, strings.TrimSpace(string(out)))
		}
		if path, err := exec.LookPath("postgres"); err == nil {
			patterns = append(patterns, filepath.Dir(path))
		}
	}
	for _, pattern := range patterns {
		found, _ := filepath.Glob(pattern) // fails only for malformed patterns
		dirs = append(dirs, found...)
	}
	return dirs
}

// major returns the version of the binaries, run as the account that will use them. It
// returns 0 if the directory is incomplete or not accessible.
func (p location) major(ctx context.Context, dir string) int {
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return 0
		}
	}
	out, err := p.command(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}

func versions(found []binaries) string {
	if len(found) == 0 {
		return "none"
	}
	var names []string
	for _, b := range found {
		names = append(names, "PostgreSQL "+strconv.Itoa(b.major))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
