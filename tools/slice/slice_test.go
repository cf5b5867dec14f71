package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const document = "# A slice\n\n" +
	"```go internal/note.go\npackage internal\n```\n\n" +
	"```go internal/create_note.go each\npackage internal\n\nfunc create() {}\n```\n\n" +
	"```sh\nmake generate\n```\n\n" +
	"```diff internal/policy.go\n const (\n+\tActNoteAdd\n )\n```\n"

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestApply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "slice.md", document)
	write(t, dir, "internal/policy.go", "package internal\n\nconst (\n\tActUserRead\n)\n")
	if err := run(&bytes.Buffer{}, []string{"apply", dir, filepath.Join(dir, "slice.md")}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir, "internal/create_note.go"), "package internal\n\nfunc create() {}\n"; got != want {
		t.Errorf("the new file is %q, want %q", got, want)
	}
	// The anchors occur anywhere in the file, in this order. A line is added after the
	// previous anchor.
	if got, want := read(t, dir, "internal/policy.go"), "package internal\n\nconst (\n\tActNoteAdd\n\tActUserRead\n)\n"; got != want {
		t.Errorf("the shared file is %q, want %q", got, want)
	}
}

func TestApply_RejectsMismatches(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ path, text, want string }{
		"a file that exists":    {"internal/note.go", "package internal\n", "line 3: internal/note.go already exists"},
		"a missing anchor":      {"internal/policy.go", "package internal\n", `internal/policy.go: the file has no line "const ("`},
		"a missing shared file": {"internal/other.go", "package internal\n", "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "slice.md", document)
			write(t, dir, tc.path, tc.text)
			err := run(&bytes.Buffer{}, []string{"apply", dir, filepath.Join(dir, "slice.md")})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestApply_NumbersMigrations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "slice.md", "```sql db/migrations/NNNNN_rooms.sql\n-- +goose Up\n```\n")
	write(t, dir, "db/migrations/00001_accounts.sql", "-- +goose Up\n")
	if err := run(&bytes.Buffer{}, []string{"apply", dir, filepath.Join(dir, "slice.md")}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "db/migrations/00002_rooms.sql"); got != "-- +goose Up\n" {
		t.Errorf("the migration is %q", got)
	}
}

func TestEdit_ReplacesLines(t *testing.T) {
	t.Parallel()
	got, err := edit("a\nb\nc\n", " a\n-b\n+B\n c\n+d\n")
	if err != nil || got != "a\nB\nc\nd\n" {
		t.Errorf("edit returned %q, %v", got, err)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "slice.md", document)
	var out bytes.Buffer
	if err := run(&out, []string{"cost", filepath.Join(dir, "slice.md")}); err != nil {
		t.Fatal(err)
	}
	want := `A slice of 5 operations needs 4 new files and edits of 1 shared files.

New:
  internal/note.go
  internal/create_note.go  and 2 more, one per use case that writes

Shared:
  internal/policy.go
`
	if out.String() != want {
		t.Errorf("cost printed\n%s\nwant\n%s", out.String(), want)
	}
}
