package config

import (
	"fmt"
	"net/netip"

	"golang.org/x/net/http/httpguts"
)

// proxies parses TrustedProxies.
func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, fmt.Errorf("%q is neither an IP address nor a CIDR range such as 10.0.0.0/8", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, canonicalPrefix(p))
	}
	return out, nil
}

// mappedBits is the length of the prefix that IPv4-mapped IPv6 addresses share.
const mappedBits = 96

// canonicalPrefix returns a range without host bits, and one of IPv4-mapped IPv6 addresses
// as a range of IPv4 addresses.
func canonicalPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= mappedBits {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedBits)
	}
	return p.Masked()
}

// privateRanges are ranges of IPv6 addresses that are wide but not public.
var privateRanges = []netip.Prefix{netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10")}

// tooWide reports whether a range is larger than any network of proxies: those of the large
// providers have at most a /12 (IPv4) or a /29 (IPv6) each.
func tooWide(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	for _, private := range privateRanges {
		if p.Bits() >= private.Bits() && private.Contains(p.Addr()) {
			return false
		}
	}
	return p.Bits() < 16
}

func (k *checker) checkProxies() {
	switch {
	case k.AddressHeader == "":
	case !httpguts.ValidHeaderFieldName(k.AddressHeader):
		k.add("CLIENT_ADDRESS_HEADER", "must be the name of a header such as X-Real-IP, not %q", k.AddressHeader)
	case len(k.TrustedProxies) == 0:
		k.add("CLIENT_ADDRESS_HEADER", "has no effect without GRADUS_TRUSTED_PROXIES, because clients could forge the header")
	}
	proxies, err := k.proxies()
	if err != nil {
		k.add("TRUSTED_PROXIES", "%v", err)
	}
	for _, p := range proxies {
		if tooWide(p) && k.Mode != Development {
			k.risk("TRUSTED_PROXIES", "%s contains most of the Internet, so that anyone can forge their address: list only the addresses of your proxies", p)
		}
	}
}
