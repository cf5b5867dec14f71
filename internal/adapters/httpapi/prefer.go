package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// preference is one of the wishes in a Prefer header (RFC 7240).
type preference struct{ name, value string }

// parsePrefer reads all Prefer headers of a request. Names come in lower case, and
// when one stands twice the first counts, as the RFC says. Parameters of preferences
// are read and dropped: none of ours has any. It is nil, false when the headers
// cannot be read.
func parsePrefer(headers []string) (wishes []preference, ok bool) {
	seen := map[string]bool{}
	p := preferParser{rest: strings.Join(headers, ",")}
	for p.skip(" \t,"); p.rest != ""; p.skip(" \t,") { // empty elements are allowed in lists
		wish, ok := p.pair()
		if !ok {
			return nil, false
		}
		for p.skip(" \t"); strings.HasPrefix(p.rest, ";"); p.skip(" \t") {
			p.skip("; \t")
			if p.rest == "" || p.rest[0] == ',' {
				break
			}
			if _, ok := p.pair(); !ok {
				return nil, false
			}
		}
		if p.rest != "" && p.rest[0] != ',' {
			return nil, false
		}
		if !seen[wish.name] {
			seen[wish.name] = true
			wishes = append(wishes, wish)
		}
	}
	return wishes, true
}

// preferParser reads a Prefer header from left to right.
type preferParser struct{ rest string }

func (p *preferParser) skip(set string) { p.rest = strings.TrimLeft(p.rest, set) }

// pair reads `name`, `name=token` or `name="quoted"`.
func (p *preferParser) pair() (preference, bool) {
	name := strings.ToLower(p.token())
	if name == "" {
		return preference{}, false
	}
	p.skip(" \t")
	after, found := strings.CutPrefix(p.rest, "=")
	if !found {
		return preference{name: name}, true
	}
	p.rest = after
	p.skip(" \t")
	if strings.HasPrefix(p.rest, `"`) {
		value, ok := p.quoted()
		return preference{name, value}, ok
	}
	value := p.token()
	return preference{name, value}, value != ""
}

// token reads a token of RFC 9110.
func (p *preferParser) token() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !isTokenRune(r) })
	if end < 0 {
		end = len(p.rest)
	}
	token := p.rest[:end]
	p.rest = p.rest[end:]
	return token
}

func isTokenRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// quoted reads a quoted string of RFC 9110, backslashes undone.
func (p *preferParser) quoted() (string, bool) {
	var text strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return text.String(), true
		case c == '\\' && i+1 < len(p.rest):
			i++
			text.WriteByte(p.rest[i])
		default:
			text.WriteByte(c)
		}
	}
	return "", false
}

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
	all, ok := parsePrefer(r.Header.Values("Prefer"))
	if !ok {
		return w, errMalformed.With("The Prefer header cannot be read. Send a list such as: code=409, wait=2.")
	}
	for _, p := range all {
		switch p.name {
		case "code":
			w.code = p.value
		case "example":
			w.example = p.value
		case "wait":
			seconds, err := strconv.ParseUint(p.value, 10, 31)
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
	bad := &invalidRequestError{}
	bad.parameter("Prefer", "unknown_preference", clip(detail, 2000))
	return bad
}

// applied tells the client that a preference was honoured.
func applied(h http.Header, name, value string) {
	if value != "" {
		h.Add("Preference-Applied", name+"="+value)
	}
}
