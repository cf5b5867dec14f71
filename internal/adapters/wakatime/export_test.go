package wakatime

import "net/http"

// SetTransport replaces the transport.
func (c *Client) SetTransport(t http.RoundTripper) { c.transport = t }

// Transport returns the transport.
func (c *Client) Transport() http.RoundTripper { return c.transport }

// LimiterCount returns the number of per-user limiters.
func (c *Client) LimiterCount() int {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	return len(c.limits.users)
}
