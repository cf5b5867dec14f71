package main

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// closedSlice has the operations that decide how people get access, such as passwords, sessions
// and API tokens. API tokens cannot call them, unless an operation has x-api-tokens: true. In the
// other slices they can, unless it is false.
const closedSlice = "accounts"

// scopeOf returns the scope that an API token needs for an operation that needs a session, which is
// its slice with read or write, or nothing if API tokens cannot call it.
func scopeOf(method string, op *yaml.Node) (string, error) {
	tags := values(get(op, "tags"))
	if len(tags) != 1 {
		return "", fmt.Errorf("tags are %v; use exactly one, from which the scope of API tokens derives", tags)
	}
	open := tags[0] != closedSlice
	if own := get(op, "x-api-tokens"); own != nil {
		if isTrue(own) == open {
			return "", fmt.Errorf("remove x-api-tokens: it has no effect in the slice %s", tags[0])
		}
		open = !open
	}
	switch {
	case !open:
		return "", nil
	case isTrue(get(op, "x-fresh")):
		return "", fmt.Errorf("an API token is never a fresh authentication; set x-api-tokens: false")
	case method == "get":
		return tags[0] + ":read", nil
	}
	return tags[0] + ":write", nil
}

// describeScope writes the scope into an operation and its description, before the roles.
func describeScope(op *yaml.Node, scope string) {
	note := "API tokens cannot call this operation (403 `session_required`)."
	if scope != "" {
		note = "[API token](/docs/guides/authentication#api-tokens) scope: `" + scope + "`."
		setAfter(op, "x-limit", "x-scope", text(scope))
	}
	description := get(op, "description")
	paragraphs := strings.Split(strings.TrimSpace(description.Value), "\n\n")
	description.Value = strings.Join(slices.Insert(paragraphs, max(0, len(paragraphs)-1), note), "\n\n") + "\n"
}
