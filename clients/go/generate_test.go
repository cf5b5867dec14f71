package gradus_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A contract in which an operation is deprecated is made up here: there is none yet.
func TestADeprecatedOperationIsMarked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := filepath.Join(dir, "gradus.gen.go")
	write(t, dir, "config.yaml", replaced(t, "oapi-codegen.yaml", "output: clients/go/gradus.gen.go", "output: "+made))
	write(t, dir, "openapi.yaml", replaced(t, "../../api/openapi.gen.yaml",
		"use `GET /users/{user_id}`.\n", "use `GET /users/{user_id}`.\n\n                Deprecated: use `GET /students` instead.\n",
		"            operationId: ListUsers\n", "            deprecated: true\n            x-sunset: 2027-06-30\n            operationId: ListUsers\n"))
	goDo(t, "../..", "tool", "-modfile=tools/go.mod", "oapi-codegen", "-config", filepath.Join(dir, "config.yaml"), filepath.Join(dir, "openapi.yaml"))
	text, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	for method, marks := range map[string][]string{
		"ListUsers": {"//\n// Deprecated: use `GET /students` instead.\n//\n", "//\n// The request is GET /users. It may be removed from 2027-06-30.\n"},
		"AllUsers":  {"//\n// Deprecated: as is [Client.ListUsers].\n"},
		"GetUser":   nil,
	} {
		before, _, found := strings.Cut(string(text), "\nfunc (c *Client) "+method+"(")
		comment := before[strings.LastIndex(before, "\n\n"):]
		lacks := func(mark string) bool { return !strings.Contains(comment+"\n", mark) }
		if !found || (marks == nil) == strings.Contains(comment, "Deprecated: ") || slices.ContainsFunc(marks, lacks) {
			t.Errorf("%s is described so:%s", method, comment)
		}
	}
}

// replaced reads a file with pairs of old and new texts exchanged.
func replaced(t *testing.T, file string, oldNew ...string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(string(text), oldNew[i]) {
			t.Fatalf("%s does not have %q any more", file, oldNew[i])
		}
	}
	return strings.NewReplacer(oldNew...).Replace(string(text))
}
