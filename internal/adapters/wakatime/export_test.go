package wakatime

import "net/http"

// SetTransport puts t in the place of the network.
func (c *Client) SetTransport(t http.RoundTripper) { c.transport = t }

// Transport returns what goes to the network.
func (c *Client) Transport() http.RoundTripper { return c.transport }

// KeptUsers returns how many users' limiters are remembered.
func (c *Client) KeptUsers() int {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	return len(c.limits.users)
}
