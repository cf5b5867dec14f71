package edge

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// addressReader reads the address of the client from what the proxies in front of the server
// report. No library does all of this: those that parse every form believe the header of a
// peer that is not a proxy, or split quoted values of Forwarded.
type addressReader struct {
	trusted []netip.Prefix
	header  string // see Config.AddressHeader
}

// of returns the address of the client that sent a request. Each trusted proxy, from the
// peer on, reports for whom it sent the request; the client is the first that is not one of
// them. If a proxy does not report an address, the client has the address of that proxy. It
// is empty if the peer has none, as on a Unix socket.
func (a addressReader) of(r *http.Request) string {
	client, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	for _, reported := range slices.Backward(a.reported(r.Header)) {
		next, ok := parseAddress(reported)
		if !ok || !a.trusts(client) {
			break
		}
		client = next
	}
	return client.String()
}

func (a addressReader) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(a.trusted, func(p netip.Prefix) bool { return p.Contains(address) })
}

const (
	xForwardedFor = "X-Forwarded-For"
	forwarded     = "Forwarded" // RFC 7239
)

// reported returns the addresses in the headers of a request. Each proxy appends one.
//
// Forwarded counts only without X-Forwarded-For: most proxies append to the latter and pass
// the former on as the client sent it.
func (a addressReader) reported(h http.Header) []string {
	switch {
	case a.header == "":
		if list := items(h.Values(xForwardedFor)); len(list) > 0 {
			return list
		}
		return forwardedFor(h.Values(forwarded))
	case strings.EqualFold(a.header, forwarded):
		return forwardedFor(h.Values(forwarded))
	}
	return items(h.Values(a.header))
}

// items returns the items of a comma-separated header.
func items(lines []string) []string {
	var list []string
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
	}
	return list
}

// forwardedFor returns the parameter "for" of each element of Forwarded headers. It is empty
// for elements without it, and for a line that cannot be parsed.
func forwardedFor(lines []string) []string {
	var list []string
	for _, line := range lines {
		elements, ok := splitUnquoted(line, ',')
		if !ok {
			// One element can end in the middle of another.
			list = append(list, "")
			continue
		}
		for _, element := range elements {
			if strings.TrimSpace(element) != "" {
				list = append(list, forOf(element))
			}
		}
	}
	return list
}

// forOf returns the parameter "for" of an element, or nothing if it has several.
func forOf(element string) string {
	var found []string
	pairs, _ := splitUnquoted(element, ';')
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if strings.EqualFold(strings.TrimSpace(name), "for") {
			found = append(found, strings.TrimSpace(value))
		}
	}
	if len(found) != 1 {
		return ""
	}
	value := found[0]
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return value
}

// splitUnquoted splits a text at a separator outside of quoted strings (RFC 9110, 5.6.4). It
// reports false if a quoted string does not end.
func splitUnquoted(s string, separator byte) (parts []string, ok bool) {
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		case s[i] == separator && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:]), !quoted
}

// parseAddress parses an address with or without a port. It drops the port and the zone, and
// returns an IPv4-mapped IPv6 address as the IPv4 address.
func parseAddress(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	} else if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && strings.Contains(s, ":") {
		s = s[1 : len(s)-1]
	}
	address, err := netip.ParseAddr(s)
	address = address.WithZone("").Unmap()
	return address, err == nil && !address.IsUnspecified()
}
