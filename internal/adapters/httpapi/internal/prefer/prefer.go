// Package prefer reads Prefer headers (RFC 7240).
package prefer

import (
	"strings"
)

// Preference is one of the wishes in a Prefer header (RFC 7240).
type Preference struct{ Name, Value string }

// Parse reads all Prefer headers of a request. Names come in lower case, and
// when one stands twice the first counts, as the RFC says. Parameters of preferences
// are read and dropped: none of ours has any. It is nil, false when the headers
// cannot be read.
func Parse(headers []string) (wishes []Preference, ok bool) {
	seen := map[string]bool{}
	p := parser{rest: strings.Join(headers, ",")}
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
		if !seen[wish.Name] {
			seen[wish.Name] = true
			wishes = append(wishes, wish)
		}
	}
	return wishes, true
}

// parser reads a Prefer header from left to right.
type parser struct{ rest string }

func (p *parser) skip(set string) { p.rest = strings.TrimLeft(p.rest, set) }

// pair reads `name`, `name=token` or `name="quoted"`.
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

// token reads a token of RFC 9110.
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

// quoted reads a quoted string of RFC 9110, backslashes undone.
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
