package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const history = "# Changelog\n\n## Unreleased\n\n### Added\n\n- One thing.\n"

// newProject returns a project in a temporary directory, with its contract released as
// 1.0.0.
func newProject(t *testing.T) project {
	t.Helper()
	p := project{root: t.TempDir()}
	text := versioned(t, read(t, bundle), "1.0.0")
	write(t, p.bundle(), text)
	write(t, filepath.Join(p.root, "api", "released", "v1.yaml"), text)
	write(t, p.changelogFile(), history)
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

// edit replaces text in the bundle. It fails if the text is missing.
func (p project) edit(t *testing.T, before, now string) {
	t.Helper()
	text := read(t, p.bundle())
	if !strings.Contains(text, before) {
		t.Fatalf("the bundle does not contain %q", before)
	}
	write(t, p.bundle(), strings.ReplaceAll(text, before, now))
}

// setVersion changes the version of the bundle.
func (p project) setVersion(t *testing.T, to string) {
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

// addCode adds a problem code to the bundle.
func (p project) addCode(t *testing.T) {
	t.Helper()
	const code = "                - already_enrolled\n"
	p.edit(t, code, code+strings.Replace(code, "already_enrolled", "tired", 1))
}

func (p project) renameOperation(t *testing.T) {
	t.Helper()
	p.edit(t, "operationId: GetMe\n", "operationId: ReadMe\n")
}

func (p project) file(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join(p.root, filepath.FromSlash(name)))
}

func checkError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not contain %q:\n%v", w, err)
		}
	}
}

func TestCheck_FailsOnBreakingChanges(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	if output, err := p.check(); err != nil || !strings.Contains(output, "is compatible with") {
		t.Fatalf("the unchanged contract: %q, %v", output, err)
	}
	p.renameOperation(t)
	_, err := p.check()
	checkError(t, err, "api/released/v1.yaml", "GET /me", "`GetMe`", "Deprecate an operation", "make release-contract")
}

func TestCheck_RequiresAReleasedContract(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setVersion(t, "2.0.0")
	_, err := p.check()
	checkError(t, err, "api/released/v2.yaml is missing", "make release-contract")
}

func TestCheck_AllowsAPreReleaseOfANewVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setVersion(t, "2.0.0-beta.1")
	if output, err := p.check(); err != nil || !strings.Contains(output, "pre-release") {
		t.Errorf("got %q, %v", output, err)
	}
}

func TestCheck_ChecksAPreReleaseOfTheSameVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setVersion(t, "1.1.0-beta.1")
	p.renameOperation(t)
	_, err := p.check()
	checkError(t, err, "GET /me")
}

func TestRelease_CopiesTheContractAndRecordsTheChanges(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setVersion(t, "1.1.0")
	p.addCode(t)
	if _, err := p.release(); err != nil {
		t.Fatal(err)
	}
	if p.file(t, "api/released/v1.yaml") != read(t, p.bundle()) {
		t.Error("the released contract is not the bundle")
	}
	above, below, _ := strings.Cut(p.file(t, "CHANGELOG.md"), "`tired`")
	if !strings.HasPrefix(above, "# Changelog\n\n## Unreleased\n\n### API 1.1.0\n\n- ") || !strings.HasSuffix(below, ".\n\n### Added\n\n- One thing.\n") {
		t.Errorf("CHANGELOG.md is\n%s", p.file(t, "CHANGELOG.md"))
	}
	if output, err := p.release(); err != nil || !strings.Contains(output, "already released") {
		t.Errorf("second release: got %q, %v", output, err)
	}
}

func TestRelease_Rejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, p project)
		want   string
	}{
		"a different contract with the same version": {func(t *testing.T, p project) {
			t.Helper()
			p.edit(t, "summary: Get your account\n", "summary: Get your user account\n")
		}, "increase info.version"},
		"a breaking change": {func(t *testing.T, p project) {
			t.Helper()
			p.setVersion(t, "1.1.0")
			p.renameOperation(t)
		}, "GET /me"},
		"a changelog without the heading": {func(t *testing.T, p project) {
			t.Helper()
			p.setVersion(t, "1.1.0")
			p.addCode(t)
			write(t, p.changelogFile(), "# Changelog\n")
		}, "## Unreleased"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			tt.change(t, p)
			before := p.file(t, "api/released/v1.yaml")
			_, err := p.release()
			checkError(t, err, tt.want)
			if p.file(t, "api/released/v1.yaml") != before {
				t.Error("the released contract was changed")
			}
		})
	}
}

func TestRelease_StartsANewMajorVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setVersion(t, "2.0.0")
	p.renameOperation(t)
	if _, err := p.release(); err != nil {
		t.Fatal(err)
	}
	if p.file(t, "api/released/v2.yaml") != read(t, p.bundle()) || strings.Contains(p.file(t, "api/released/v1.yaml"), "ReadMe") {
		t.Error("want version 2 beside an unchanged version 1")
	}
	if got := p.file(t, "CHANGELOG.md"); got != history {
		t.Errorf("the first contract of a version must not change CHANGELOG.md; it is\n%s", got)
	}
}

func TestChangelog_ReportsNoChanges(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	if output, err := p.changelog(); err != nil || !strings.HasPrefix(output, "No visible changes") {
		t.Errorf("got %q, %v", output, err)
	}
}
