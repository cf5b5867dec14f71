package fakewaka

import (
	"fmt"
	"slices"
	"strings"
)

// scopes is a set of names in scopeNames, one bit each, so that it fits in a
// token.
type scopes uint64

// scopeNames may only grow at the end: the positions are part of every token.
var scopeNames = func() []string {
	names := []string{
		"email", "read_goals", "read_orgs", "write_orgs", "read_private_leaderboards",
		"write_private_leaderboards", "read_heartbeats", "write_heartbeats", "read_stats.best_day",
	}
	for _, base := range []string{"read_summaries", "read_stats"} {
		names = append(names, base)
		for _, k := range kindNames {
			names = append(names, base+"."+k)
		}
	}
	return names
}()

// parseScopes reads scope names, separated by spaces or commas.
func parseScopes(text string) (scopes, error) {
	var set scopes
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		i := slices.Index(scopeNames, name)
		if i < 0 {
			return 0, fmt.Errorf("unknown scope %q", name)
		}
		set |= 1 << i
	}
	return set, nil
}

func (set scopes) String() string {
	var names []string
	for i, name := range scopeNames {
		if set&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// allow reports whether the set contains base or a part of it, such as
// base.languages.
func (set scopes) allow(base string) bool {
	for i, name := range scopeNames {
		if set&(1<<i) != 0 && (name == base || strings.HasPrefix(name, base+".")) {
			return true
		}
	}
	return false
}
