package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const history = "# Changelog\n\n## Unreleased\n\n### Added\n\n- One thing.\n"

// folder is a project of its own whose contract is released as 1.0.0.
func folder(t *testing.T) project {
	t.Helper()
	p := project{root: t.TempDir()}
	text := versioned(t, read(t, bundle), "1.0.0")
	write(t, p.bundle(), text)
	write(t, filepath.Join(p.root, "api", "released", "v1.yaml"), text)
	write(t, p.history(), history)
	return p
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces text in the bundle, where it has to be.
func (p project) edit(t *testing.T, before, now string) {
	t.Helper()
	text := read(t, p.bundle())
	if !strings.Contains(text, before) {
		t.Fatalf("the bundle has no %q", before)
	}
	write(t, p.bundle(), strings.ReplaceAll(text, before, now))
}

// raise gives the bundle another version.
func (p project) raise(t *testing.T, to string) {
	t.Helper()
	write(t, p.bundle(), versioned(t, read(t, p.bundle()), to))
}

func versioned(t *testing.T, text, version string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^    version: \S+$`)
	if n := len(line.FindAllString(text, -1)); n != 1 {
		t.Fatalf("the bundle has %d versions", n)
	}
	return line.ReplaceAllString(text, "    version: "+version)
}

// grow adds a problem code.
func (p project) grow(t *testing.T) {
	t.Helper()
	const code = "                - already_enrolled\n"
	p.edit(t, code, code+strings.Replace(code, "already_enrolled", "tired", 1))
}

func (p project) breakIt(t *testing.T) {
	t.Helper()
	p.edit(t, "operationId: GetMe\n", "operationId: ReadMe\n")
}

func (p project) file(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join(p.root, filepath.FromSlash(name)))
}

func says(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("it did not fail")
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("it says nothing of %q:\n%v", w, err)
		}
	}
}

func TestCheck_failsOnABreakAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	p := folder(t)
	if said, err := p.check(); err != nil || !strings.Contains(said, "keeps the promise") {
		t.Fatalf("the released contract itself: %q, %v", said, err)
	}
	p.breakIt(t)
	_, err := p.check()
	says(t, err, "api/released/v1.yaml", "GET /me", "`GetMe`", "Deprecate an operation", "make release-contract")
}

func TestCheck_wantsAReleasedContract(t *testing.T) {
	t.Parallel()
	p := folder(t)
	p.raise(t, "2.0.0")
	_, err := p.check()
	says(t, err, "api/released/v2.yaml is missing", "make release-contract")
}

func TestCheck_letsAPreReleaseGo(t *testing.T) {
	t.Parallel()
	p := folder(t)
	p.raise(t, "2.0.0-beta.1")
	if said, err := p.check(); err != nil || !strings.Contains(said, "pre-release") {
		t.Errorf("it says %q, %v", said, err)
	}
}

func TestCheck_holdsAPreReleaseOfTheSameVersion(t *testing.T) {
	t.Parallel()
	p := folder(t)
	p.raise(t, "1.1.0-beta.1")
	p.breakIt(t)
	_, err := p.check()
	says(t, err, "GET /me")
}

func TestRelease_copiesTheContractAndNotesTheChanges(t *testing.T) {
	t.Parallel()
	p := folder(t)
	p.raise(t, "1.1.0")
	p.grow(t)
	if _, err := p.release(); err != nil {
		t.Fatal(err)
	}
	if p.file(t, "api/released/v1.yaml") != read(t, p.bundle()) {
		t.Error("the released contract is not the bundle")
	}
	above, below, _ := strings.Cut(p.file(t, "CHANGELOG.md"), "`tired`")
	if !strings.HasPrefix(above, "# Changelog\n\n## Unreleased\n\n### API 1.1.0\n\n- ") || !strings.HasSuffix(below, ".\n\n### Added\n\n- One thing.\n") {
		t.Errorf("CHANGELOG.md reads\n%s", p.file(t, "CHANGELOG.md"))
	}
	if said, err := p.release(); err != nil || !strings.Contains(said, "released already") {
		t.Errorf("the second time it says %q, %v", said, err)
	}
}

func TestRelease_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, p project)
		want   string
	}{
		"another contract under the same version": {func(t *testing.T, p project) {
			t.Helper()
			p.edit(t, "summary: Get your account\n", "summary: Get your user account\n")
		}, "raise info.version"},
		"a break": {func(t *testing.T, p project) {
			t.Helper()
			p.raise(t, "1.1.0")
			p.breakIt(t)
		}, "GET /me"},
		"a changelog without a place for it": {func(t *testing.T, p project) {
			t.Helper()
			p.raise(t, "1.1.0")
			p.grow(t)
			write(t, p.history(), "# Changelog\n")
		}, "## Unreleased"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := folder(t)
			tt.change(t, p)
			before := p.file(t, "api/released/v1.yaml")
			_, err := p.release()
			says(t, err, tt.want)
			if p.file(t, "api/released/v1.yaml") != before {
				t.Error("it has changed the released contract")
			}
		})
	}
}

func TestRelease_beginsANewVersion(t *testing.T) {
	t.Parallel()
	p := folder(t)
	p.raise(t, "2.0.0")
	p.breakIt(t)
	if _, err := p.release(); err != nil {
		t.Fatal(err)
	}
	if p.file(t, "api/released/v2.yaml") != read(t, p.bundle()) || strings.Contains(p.file(t, "api/released/v1.yaml"), "ReadMe") {
		t.Error("version 2 stands beside version 1, which stays as it was released")
	}
	if got := p.file(t, "CHANGELOG.md"); got != history {
		t.Errorf("the first contract of a version changes nothing; CHANGELOG.md reads\n%s", got)
	}
}

func TestChangelog_saysWhenThereIsNothingToSay(t *testing.T) {
	t.Parallel()
	p := folder(t)
	if said, err := p.changelog(); err != nil || !strings.HasPrefix(said, "Nothing changed") {
		t.Errorf("it says %q, %v", said, err)
	}
}
