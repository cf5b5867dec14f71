package gradus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/clients/go"
)

// school is a running server with the demo class and a fake WakaTime server.
type school struct {
	API      string `json:"api"`
	Password string `json:"password"`
	Spare    struct {
		Username string `json:"username"`
		APIKey   string `json:"api_key"`
	} `json:"spare_wakatime_account"`
	Keys []struct {
		BatchID uuid.UUID `json:"batch_id"`
	} `json:"registration_keys"`
}

var server school

func TestMain(m *testing.M) {
	stop, err := startSchool()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start the server:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// startSchool runs the classroom command of the repository. It builds it unless CLASSROOM
// names a binary.
func startSchool() (stop func(), err error) {
	program := os.Getenv("CLASSROOM")
	dir, err := os.MkdirTemp("", "gradus")
	if err != nil {
		return nil, err
	}
	if program == "" {
		program = filepath.Join(dir, "classroom")
		build := exec.Command("go", "build", "-o", program, "./internal/democlass/classroom")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
	}
	cmd := exec.Command(program, "-users", "250")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // the server stops when this is closed
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = stdin.Close()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	if err := json.NewDecoder(stdout).Decode(&server); err != nil {
		stop()
		return nil, fmt.Errorf("read the output of the server: %w", err)
	}
	return stop, nil
}

// as returns a client for a user of the class. It signs in with the first request.
func as(address string) *gradus.Client {
	return gradus.New(server.API, gradus.WithTokenSource(func(ctx context.Context) (string, error) {
		session, err := gradus.New(server.API).SignIn(ctx, gradus.Credentials{Email: address, Password: server.Password})
		if err != nil {
			return "", err
		}
		return *session.Token, nil
	}))
}

func admin() *gradus.Client { return as("mira@school.example") }

// fresh returns a client for a new account.
func fresh(t *testing.T, name string) (*gradus.Client, gradus.Me) {
	t.Helper()
	session, err := gradus.New(server.API).Register(t.Context(), gradus.Registration{
		Email: name + "@new.example", Name: name, Password: "seven quiet paper boats",
	})
	if err != nil {
		t.Fatal(err)
	}
	return gradus.New(server.API, gradus.WithToken(*session.Token)), session.User
}
