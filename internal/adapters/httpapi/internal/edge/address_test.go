package edge_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/edge"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/metrics"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

// trusted are a proxy in front of the server, on addresses of both families, and a provider.
var trusted = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("2001:db8:cdf::/48"),
}

// addressOf returns the address of the client of a request from peer.
func addressOf(peer, headerName string, header http.Header) string {
	var address string
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { address = exchange.Of(r.Context()).Address })
	h := edge.New(edge.Config{PublicURL: &url.URL{Scheme: "https"}, TrustedProxies: trusted, AddressHeader: headerName, RequestTimeout: time.Minute},
		next, metrics.New(), &fake.SecurityLog{}, time.Now, func() [16]byte { return [16]byte{} }, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr, r.Header = peer, header
	h.ServeHTTP(httptest.NewRecorder(), r)
	return address
}

// The forms in which proxies and clouds write addresses.
func TestAddress_IsReadInEveryForm(t *testing.T) {
	t.Parallel()
	const proxy, client4, client6 = "10.0.0.1:40000", "192.0.2.43", "2001:db8::17"
	tests := map[string]struct {
		peer   string
		header http.Header
		want   string
	}{
		"nginx, Caddy, Traefik, HAProxy":            {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43"}}, client4},
		"IPv6":                                      {proxy, http.Header{"X-Forwarded-For": {"2001:db8::17"}}, client6},
		"IPv6 in long form":                         {proxy, http.Header{"X-Forwarded-For": {"2001:0DB8:0:0:0:0:0:17"}}, client6},
		"Azure Application Gateway, with a port":    {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43:51234"}}, client4},
		"AWS, IPv6 with a port":                     {proxy, http.Header{"X-Forwarded-For": {"[2001:db8::17]:51234"}}, client6},
		"IPv6 in brackets":                          {proxy, http.Header{"X-Forwarded-For": {"[2001:db8::17]"}}, client6},
		"IPv6 with a zone":                          {proxy, http.Header{"X-Forwarded-For": {"2001:db8::17%eth0"}}, client6},
		"IPv4-mapped IPv6":                          {proxy, http.Header{"X-Forwarded-For": {"::ffff:192.0.2.43"}}, client4},
		"IPv4-mapped IPv6 with a port":              {proxy, http.Header{"X-Forwarded-For": {"[::ffff:192.0.2.43]:51234"}}, client4},
		"spaces and tabs":                           {proxy, http.Header{"X-Forwarded-For": {"  192.0.2.43\t , 10.0.0.7 "}}, client4},
		"no space":                                  {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43,10.0.0.7"}}, client4},
		"empty items":                               {proxy, http.Header{"X-Forwarded-For": {", 192.0.2.43, , 10.0.0.7,"}}, client4},
		"several header lines":                      {proxy, http.Header{"X-Forwarded-For": {"198.51.100.9", "192.0.2.43", "10.0.0.7"}}, client4},
		"a trusted proxy with a port":               {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43:1, 10.0.0.7:2"}}, client4},
		"a trusted proxy as mapped IPv6":            {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43, ::ffff:10.0.0.7"}}, client4},
		"Cloudflare in front of a proxy":            {proxy, http.Header{"X-Forwarded-For": {"198.51.100.9, 192.0.2.43, 2001:db8:cdf::1"}, "Cf-Connecting-Ip": {"192.0.2.43"}}, client4},
		"Google: the client and the load balancer":  {proxy, http.Header{"X-Forwarded-For": {"203.0.113.8, 192.0.2.43,10.1.2.3"}}, client4},
		"a peer with IPv6":                          {"[fd00::5]:40000", http.Header{"X-Forwarded-For": {"192.0.2.43"}}, client4},
		"a peer with a zone":                        {"[fe80::5%eth0]:40000", http.Header{"X-Forwarded-For": {"192.0.2.43"}}, client4},
		"a peer as mapped IPv6":                     {"[::ffff:10.0.0.1]:40000", http.Header{"X-Forwarded-For": {"192.0.2.43"}}, client4},
		"Forwarded":                                 {proxy, http.Header{"Forwarded": {"for=192.0.2.43"}}, client4},
		"Forwarded with other parameters":           {proxy, http.Header{"Forwarded": {`proto=https; By=203.0.113.43 ; FOR="192.0.2.43:47011" ;host="a,b;for=198.51.100.9"`}}, client4},
		"Forwarded with IPv6":                       {proxy, http.Header{"Forwarded": {`for="[2001:db8::17]"`}}, client6},
		"Forwarded with IPv6 and a port":            {proxy, http.Header{"Forwarded": {`For="[2001:db8::17]:4711"`}}, client6},
		"Forwarded with an obfuscated port":         {proxy, http.Header{"Forwarded": {`for="192.0.2.43:_port"`}}, client4},
		"Forwarded without the required quotes":     {proxy, http.Header{"Forwarded": {`for=[2001:db8::17]:4711`}}, client6},
		"Forwarded by several proxies":              {proxy, http.Header{"Forwarded": {`for=198.51.100.9, for=192.0.2.43;proto=http`, `for=10.0.0.7;proto=https`}}, client4},
		"X-Forwarded-For comes before Forwarded":    {proxy, http.Header{"X-Forwarded-For": {"192.0.2.43"}, "Forwarded": {"for=198.51.100.9"}}, client4},
		"Forwarded beside an empty X-Forwarded-For": {proxy, http.Header{"X-Forwarded-For": {" , "}, "Forwarded": {"for=192.0.2.43"}}, client4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := addressOf(tt.peer, "", tt.header); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A header with a single address is only trusted if the operator names it.
func TestAddress_OfANamedHeader(t *testing.T) {
	t.Parallel()
	headers := http.Header{
		"X-Real-Ip": {"192.0.2.1"}, "Cf-Connecting-Ip": {"2001:db8::2"}, "True-Client-Ip": {"192.0.2.3:443"}, "X-Azure-Clientip": {"192.0.2.4"},
		"Fly-Client-Ip": {"192.0.2.5"}, "X-Forwarded-For": {"192.0.2.6"}, "Forwarded": {"for=192.0.2.7"},
	}
	for name, want := range map[string]string{
		"": "192.0.2.6", "X-Real-IP": "192.0.2.1", "cf-connecting-ip": "2001:db8::2", "True-Client-IP": "192.0.2.3", "X-Azure-ClientIP": "192.0.2.4",
		"Fly-Client-IP": "192.0.2.5", "X-Forwarded-For": "192.0.2.6", "Forwarded": "192.0.2.7", "X-Unused": "10.0.0.1",
	} {
		if got := addressOf("10.0.0.1:4000", name, headers); got != want {
			t.Errorf("header %q: got %s, want %s", name, got, want)
		}
		if got := addressOf("198.51.100.7:4000", name, headers); got != "198.51.100.7" {
			t.Errorf("header %q of an untrusted peer: got %s", name, got)
		}
	}
	if got := addressOf("10.0.0.1:4000", "", http.Header{"X-Real-Ip": {"192.0.2.1"}, "Cf-Connecting-Ip": {"192.0.2.2"}}); got != "10.0.0.1" {
		t.Errorf("headers that are not named: got %s", got)
	}
}

// If a proxy does not say for whom it sent a request, the client has the address of the proxy.
func TestAddress_StopsAtWhatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	const proxy = "10.0.0.1:4000"
	tests := map[string]struct {
		header http.Header
		want   string
	}{
		"unknown":                                   {http.Header{"Forwarded": {"for=192.0.2.1, for=unknown"}}, "10.0.0.1"},
		"an obfuscated identifier":                  {http.Header{"Forwarded": {"for=192.0.2.1, for=_gazonk, for=10.0.0.7"}}, "10.0.0.7"},
		"an element without for":                    {http.Header{"Forwarded": {"for=192.0.2.1, proto=https"}}, "10.0.0.1"},
		"an element with for twice":                 {http.Header{"Forwarded": {"for=192.0.2.1;for=192.0.2.2"}}, "10.0.0.1"},
		"a quotation mark that does not end":        {http.Header{"Forwarded": {`for="192.0.2.1, for=192.0.2.2`}}, "10.0.0.1"},
		"a value that hides what the proxy appends": {http.Header{"Forwarded": {`for=198.51.100.1;x=", for=192.0.2.2`}}, "10.0.0.1"},
		"a value that ends in what it appends":      {http.Header{"Forwarded": {`for=198.51.100.1;x=", for="[2001:db8::1]:4711"`}}, "10.0.0.1"},
		"a forged element in a quoted value":        {http.Header{"Forwarded": {`for=192.0.2.1;host="x, for=192.0.2.2;y=\", for=192.0.2.3;z="`}}, "192.0.2.1"},
		"unknown in X-Forwarded-For":                {http.Header{"X-Forwarded-For": {"192.0.2.1, unknown"}}, "10.0.0.1"},
		"a forged address before an untrusted one":  {http.Header{"X-Forwarded-For": {"10.0.0.9, 192.0.2.1"}}, "192.0.2.1"},
		"a forged port":                             {http.Header{"X-Forwarded-For": {"192.0.2.1, 192.0.2.2:80:90"}}, "10.0.0.1"},
		"octal":                                     {http.Header{"X-Forwarded-For": {"192.0.2.010"}}, "10.0.0.1"},
		"the unspecified address":                   {http.Header{"X-Forwarded-For": {"192.0.2.1, 0.0.0.0"}}, "10.0.0.1"},
		"the unspecified address of IPv6":           {http.Header{"X-Forwarded-For": {"::"}}, "10.0.0.1"},
		"the unspecified address as mapped IPv6":    {http.Header{"X-Forwarded-For": {"::ffff:0.0.0.0"}}, "10.0.0.1"},
		"a bracket that does not end":               {http.Header{"X-Forwarded-For": {"[2001:db8::1"}}, "10.0.0.1"},
		"only trusted proxies":                      {http.Header{"X-Forwarded-For": {"10.0.0.8, 10.0.0.7"}}, "10.0.0.8"},
		"a host name":                               {http.Header{"X-Forwarded-For": {"client.example.org"}}, "10.0.0.1"},
		"an IPv4 address in brackets":               {http.Header{"X-Forwarded-For": {"[192.0.2.1]"}}, "10.0.0.1"},
		"a mapped address cannot pass for a proxy":  {http.Header{"X-Forwarded-For": {"192.0.2.1, ::ffff:198.51.100.1"}}, "198.51.100.1"},
		"a zone cannot turn a client into a proxy":  {http.Header{"X-Forwarded-For": {"192.0.2.1, 2001:db8::1%10.0.0.1"}}, "2001:db8::1"},
		"a trusted address that was sent unquoted":  {http.Header{"Forwarded": {"for=192.0.2.1, for=fd00::7"}}, "192.0.2.1"},
		"a Forwarded header in the wrong direction": {http.Header{"Forwarded": {"by=192.0.2.1"}}, "10.0.0.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := addressOf(proxy, "", tt.header); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := addressOf("@", "", http.Header{"X-Forwarded-For": {"192.0.2.1"}}); got != "" {
		t.Errorf("the peer of a Unix socket has the address %q", got)
	}
}

// Whatever a client sends before what its proxy appends, the address is the one that the
// proxy saw.
func TestAddress_CannotBeForged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fragment := rapid.SampledFrom([]string{"for=198.51.100.1", "for=", "198.51.100.1", `"`, `\`, ";", ",", ", ", "x=", "10.0.0.7", "[::1]", ":80", " "})
		random := rapid.StringMatching(`[0-9a-f:.,;="\\\[\] %_for]{0,40}`)
		built := rapid.Map(rapid.SliceOfN(fragment, 0, 8), func(of []string) string { return strings.Join(of, "") })
		forged := rapid.SliceOfN(rapid.OneOf(random, built), 0, 3).Draw(t, "forged")
		seen := netip.AddrFrom4([4]byte{192, 0, 2, rapid.Byte().Draw(t, "seen")}).String()
		appended := append(append([]string{}, forged...), seen)
		joined := strings.Join(appended, ", ")
		for _, h := range []http.Header{{"X-Forwarded-For": appended}, {"X-Forwarded-For": {joined}}, {"X-Forwarded-For": appended, "Forwarded": forged}} {
			if got := addressOf("10.0.0.1:4000", "", h); got != seen {
				t.Fatalf("%v: got %s", h, got)
			}
		}
		// A quotation mark that does not end hides the element that the proxy appends.
		for appended, seen := range map[string]string{"for=" + seen: seen, `for="[2001:db8::17]:4711";host="gradus.example.org"`: "2001:db8::17"} {
			h := http.Header{"Forwarded": {strings.Join(forged, ", ") + ", " + appended}}
			if got := addressOf("10.0.0.1:4000", "", h); got != seen && got != "10.0.0.1" {
				t.Fatalf("%v: got %s", h, got)
			}
			h = http.Header{"Forwarded": append(append([]string{}, forged...), appended)}
			if got := addressOf("10.0.0.1:4000", "", h); got != seen {
				t.Fatalf("%v: got %s", h, got)
			}
		}
	})
}
