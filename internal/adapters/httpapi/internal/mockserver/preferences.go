package mockserver

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/prefer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// MaxWait is the longest that a client can make the mock server wait.
const MaxWait = 30 * time.Second

// wishes are the preferences that the mock server knows. It ignores others, as the
// RFC asks for.
type wishes struct {
	code    string         // a status, or the code of a problem
	example string         // the name of an example
	wait    *time.Duration // at most MaxWait; nil when the client wishes none
}

// readWishes reads the Prefer headers of a request.
func readWishes(r *http.Request) (wishes, error) {
	var w wishes
	all, ok := prefer.Parse(r.Header.Values("Prefer"))
	if !ok {
		return w, problem.ErrMalformed.With("The Prefer header cannot be read. Send a list such as: code=409, wait=2.")
	}
	for _, p := range all {
		switch p.Name {
		case "code":
			w.code = p.Value
		case "example":
			w.example = p.Value
		case "wait":
			seconds, err := strconv.ParseUint(p.Value, 10, 31)
			if err != nil {
				return w, unknownPreference("Give wait as whole seconds, such as wait=2.")
			}
			w.wait = new(min(time.Duration(seconds)*time.Second, MaxWait))
		}
	}
	return w, nil
}

// unknownPreference refuses a preference and says what there is.
func unknownPreference(detail string) error {
	bad := &problem.ValidationError{}
	bad.Parameter("Prefer", "unknown_preference", problem.Clip(detail, 2000))
	return bad
}

// applied tells the client that a preference was honoured.
func applied(h http.Header, name, value string) {
	if value != "" {
		h.Add("Preference-Applied", name+"="+value)
	}
}
