package contract_test

import (
	"os"
	"strings"
)

// roles are the roles of users.
var roles = []string{"member", "student", "instructor", "admin"}

// target is what the suite runs against.
type target struct {
	url    string            // of the API; empty for a server of its own
	tokens map[string]string // by role
	writes bool              // objects may be created and changed
	strict bool              // gaps in the coverage fail the run
}

// theTarget is read from the environment: GRADUS_TARGET_URL is the URL of a server, and
// GRADUS_TOKEN_ADMIN, _INSTRUCTOR, _STUDENT and _MEMBER are tokens of sessions there.
var theTarget = newTarget(os.Getenv)

func newTarget(env func(string) string) target {
	root := strings.TrimSuffix(strings.TrimRight(env("GRADUS_TARGET_URL"), "/"), "/api/v1")
	if root == "" {
		return target{writes: true, strict: true}
	}
	t := target{
		url: root + "/api/v1", tokens: map[string]string{},
		writes: env("GRADUS_TARGET_WRITES") == "true", strict: env("GRADUS_TARGET_STRICT") == "true",
	}
	for _, role := range roles {
		if token := env("GRADUS_TOKEN_" + strings.ToUpper(role)); token != "" {
			t.tokens[role] = token
		}
	}
	return t
}

func (t target) own() bool { return t.url == "" }

// name returns the name of the target in the report.
func (t target) name() string {
	switch {
	case t.own():
		return "a server of its own"
	case t.writes:
		return t.url + ", writing"
	}
	return t.url + ", read-only"
}
