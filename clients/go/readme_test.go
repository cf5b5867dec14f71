package gradus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/clients/go"
)

// The examples of README.md become a program in a module of its own, which finds this
// module through a replace directive.
func TestReadme_ExamplesRun(t *testing.T) {
	t.Parallel()
	examples := blocks(t, "README.md", "go")
	if len(examples) != 2 {
		t.Fatalf("the README has %d examples in Go, want 2; adapt this test", len(examples))
	}
	dir := t.TempDir()
	write(t, dir, "main.go", strings.ReplaceAll(examples[0], "http://127.0.0.1:8080/api/v1", server.API))
	write(t, dir, "calls.go", `package main

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/gradus-dev/gradus/clients/go"
)

func calls(ctx context.Context, c *gradus.Client, id uuid.UUID) error {
`+examples[1]+`
	return err
}

var _ = calls
`)
	consumerModule(t, dir)
	goDo(t, dir, "vet", "./...")
	output := goDo(t, dir, "run", ".")
	for _, want := range []string{"wakatime_key_rejected: ", "Ada Brandt is connected: 6 of 6 days known", "Evening Class: 1 student, 30 days"} {
		if !strings.Contains(output, want) {
			t.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
}

// The command of the guide runs against a server, and its exit code says what went wrong.
func TestGuide_CommandRuns(t *testing.T) {
	t.Parallel()
	var command string
	for _, block := range blocks(t, "../../docs/guides/clients.md", "go") {
		if strings.HasPrefix(block, "package main\n") {
			command = block
		}
	}
	dir := t.TempDir()
	write(t, dir, "main.go", command)
	consumerModule(t, dir)
	goDo(t, dir, "build", "-o", "quiet", ".")
	session, err := gradus.New(server.API).SignIn(t.Context(), gradus.Credentials{Email: "mira@school.example", Password: server.Password})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		url, token string
		exit       int
	}{
		"an admin lists quiet students":     {server.API, *session.Token, 0},
		"a session that has ended":          {server.API, "ended", 3},
		"a server that does not listen":     {"http://127.0.0.1:1/api/v1", "x", 4},
		"a server that is not one of these": {strings.TrimSuffix(server.API, "/api/v1"), "x", 1},
	} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "quiet"))
		cmd.Env = append(os.Environ(), "GRADUS_URL="+tt.url, "GRADUS_TOKEN="+tt.token)
		output, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != tt.exit {
			t.Errorf("%s: the exit code is %d, want %d: %s", name, cmd.ProcessState.ExitCode(), tt.exit, output)
		}
	}
}

// consumerModule makes a module that finds this one through a replace directive, as the guide
// describes for as long as the client is not published.
func consumerModule(t *testing.T, dir string) {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	goDo(t, dir, "mod", "init", "example.org/consumer")
	goDo(t, dir, "mod", "edit", "-require=github.com/gradus-dev/gradus/clients/go@v"+gradus.Version, "-replace=github.com/gradus-dev/gradus/clients/go="+here)
	goDo(t, dir, "mod", "tidy")
}

// blocks returns the code of a language in a Markdown file.
func blocks(t *testing.T, file, language string) (code []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(text, -1) {
		code = append(code, string(m[1]))
	}
	return code
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func goDo(t *testing.T, dir string, args ...string) (stdout string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	var out, failure strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &failure
	if err := cmd.Run(); err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), failure.String())
	}
	return out.String()
}
