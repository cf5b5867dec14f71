package conformance

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/domain"
)

// formats holds the validators of the string formats in responses.
var formats = map[string]openapi3.StringFormatValidator{
	"uuid": openapi3.NewCallbackValidator(func(s string) error {
		id, err := domain.ParseID[struct{}](s)
		if err == nil && id.String() != s {
			return fmt.Errorf("%q is not in lower case", s)
		}
		return err
	}),
	"email": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseEmail("", s)
		return err
	}),
	"date": openapi3.NewCallbackValidator(func(s string) error {
		day, err := domain.ParseDay("", s)
		if err == nil && !day.InRange() {
			return fmt.Errorf("%s is out of range", s)
		}
		return err
	}),
	"date-time": openapi3.NewCallbackValidator(func(s string) error {
		var t time.Time
		if err := t.UnmarshalText([]byte(s)); err != nil || !strings.HasSuffix(s, "Z") || !domain.TimeInRange(t) {
			return fmt.Errorf("%q is not a UTC timestamp in range", s)
		}
		return nil
	}),
	"uri": openapi3.NewCallbackValidator(func(s string) error {
		u, err := url.Parse(s)
		if err == nil && !u.IsAbs() {
			return fmt.Errorf("%q has no scheme", s)
		}
		return err
	}),
	"uri-reference": openapi3.NewCallbackValidator(func(s string) error {
		_, err := url.Parse(s)
		return err
	}),
}
