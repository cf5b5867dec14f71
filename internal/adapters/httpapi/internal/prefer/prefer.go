// Package prefer parses Prefer headers (RFC 7240).
package prefer

import (
	"strings"
)

// Preference is one preference of a Prefer header.
type Preference struct{ Name, Value string }

// Parse parses the Prefer headers of a request. It returns names in lower case, the first
// of several preferences with the same name, as the RFC demands, and no parameters. It
// returns nil, false if the headers are malformed.
func Parse(headers []string) (preferences []Preference, ok bool) {
	seen := map[string]bool{}
	p := parser{rest: strings.Join(headers, ",")}
	for p.skip(" \t,"); p.rest != ""; p.skip(" \t,") { // empty elements are allowed in lists
		preference, ok := p.pair()
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
		if !seen[preference.Name] {
			seen[preference.Name] = true
			preferences = append(preferences, preference)
		}
	}
	return preferences, true
}

// parser parses a Prefer header from left to right.
type parser struct{ rest string }

func (p *parser) skip(set string) { p.rest = strings.TrimLeft(p.rest, set) }

// pair parses `name`, `name=token` or `name="quoted"`.
func (p *parser) pair() (Preference, bool) {
	name := strings.ToLower(p.token())
	if name == "" {
		return Preference{}, false
	}
	p.skip(" \t")
	after, found := strings.CutPrefix(p.rest, "=")
	if !found {
		return Preference{Name: name}, true
	}
	p.rest = after
	p.skip(" \t")
	if strings.HasPrefix(p.rest, `"`) {
		value, ok := p.quoted()
		return Preference{name, value}, ok
	}
	value := p.token()
	return Preference{name, value}, value != ""
}

// token parses a token (RFC 9110).
func (p *parser) token() string {
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

// quoted parses a quoted string (RFC 9110) and removes its backslashes.
func (p *parser) quoted() (string, bool) {
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
