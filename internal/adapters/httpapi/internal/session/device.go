package session

import (
	"net/http"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/domain"
)

// HeaderDevice has the device token of clients without cookies, in requests and responses.
const HeaderDevice = "Gradus-Device"

// deviceAge is how long browsers keep a device token, in seconds: as long as they keep any cookie.
const deviceAge = 400 * 24 * 60 * 60

// deviceName returns the name of the cookie with the device token.
func (c Cookies) deviceName() string {
	if c.Insecure {
		return "gradus_device"
	}
	return "__Host-gradus_device"
}

// deviceOf returns the device token of a request. One that is not valid is not an error: the
// device is one that nobody knows.
func deviceOf(r *http.Request, cookie string) domain.Secret {
	if token := r.Header.Get(HeaderDevice); token != "" {
		return domain.Secret(token)
	}
	if c, err := r.Cookie(cookie); err == nil {
		return domain.Secret(c.Value)
	}
	return ""
}

// setDevice adds the new device token of an exchange to the headers of its response: in a cookie, or
// in a header for clients without cookies.
func (c Cookies) setDevice(h http.Header, x *exchange.Exchange) {
	switch {
	case x.NewDevice == "":
	case x.CookieCarrier:
		h.Add("Set-Cookie", c.cookie(c.deviceName(), x.NewDevice, deviceAge).String())
	default:
		h.Set(HeaderDevice, x.NewDevice.Reveal())
	}
}
