package mockserver

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/prefer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// MaxWait limits the delay that a client can request.
const MaxWait = 30 * time.Second

// preferences are the preferences that the mock server honours. As the RFC demands, it
// ignores others.
type preferences struct {
	code    string         // a status or a problem code
	example string         // the name of an example
	wait    *time.Duration // at most MaxWait; nil if not requested
}

// parsePreferences parses the Prefer headers of a request.
func parsePreferences(r *http.Request) (preferences, error) {
	var p preferences
	all, ok := prefer.Parse(r.Header.Values("Prefer"))
	if !ok {
		return p, problem.ErrMalformed.With("The Prefer header cannot be parsed. Send a list such as: code=409, wait=2.")
	}
	for _, one := range all {
		switch one.Name {
		case "code":
			p.code = one.Value
		case "example":
			p.example = one.Value
		case "wait":
			seconds, err := strconv.ParseUint(one.Value, 10, 31)
			if err != nil {
				return p, unknownPreference("Send wait as whole seconds, such as wait=2.")
			}
			p.wait = new(min(time.Duration(seconds)*time.Second, MaxWait))
		}
	}
	return p, nil
}

// unknownPreference returns the error for a preference that cannot be honoured.
func unknownPreference(detail string) error {
	e := &problem.ValidationError{}
	e.Parameter("Prefer", "unknown_preference", problem.Clip(detail, 2000))
	return e
}

// applied tells the client that a preference was honoured.
func applied(h http.Header, name, value string) {
	if value != "" {
		h.Add("Preference-Applied", name+"="+value)
	}
}
