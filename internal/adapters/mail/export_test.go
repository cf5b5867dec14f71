package mail

import (
	"context"
	"net"

	gomail "github.com/wneessen/go-mail"
)

// DialTo makes s dial an address instead of that of its server.
func DialTo(s *Sender, address string) {
	_ = gomail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	})(s.client)
}
