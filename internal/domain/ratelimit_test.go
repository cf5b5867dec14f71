package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestRateLimit_Scaled(t *testing.T) {
	t.Parallel()
	limit := domain.RateLimit{Name: "sign_in", Burst: 60, Every: time.Second}
	for name, tt := range map[string]struct {
		factor float64
		want   domain.RateLimit
	}{
		"more":                     {10, domain.RateLimit{Name: "sign_in", Burst: 600, Every: 100 * time.Millisecond}},
		"fewer":                    {0.5, domain.RateLimit{Name: "sign_in", Burst: 30, Every: 2 * time.Second}},
		"one remains":              {0.001, domain.RateLimit{Name: "sign_in", Burst: 1, Every: 1000 * time.Second}},
		"a time that is not zero":  {1e12, domain.RateLimit{Name: "sign_in", Burst: 60e12, Every: 1}},
		"the same with a factor 1": {1, limit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := limit.Scaled(tt.factor); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := limit.Window(); got != time.Minute {
		t.Errorf("the window is %v", got)
	}
}

func TestQuota_Err(t *testing.T) {
	t.Parallel()
	if err := (domain.Quota{Allowed: true}).Err(domain.RateLimit{}); err != nil {
		t.Errorf("an allowed event: %v", err)
	}
	err := domain.Quota{RetryAfter: time.Minute}.Err(domain.RateLimit{Name: "sign_in"})
	e, ok := errors.AsType[*domain.Error](err)
	if !errors.Is(err, domain.ErrRateLimited) || !ok || e.RetryAfter != time.Minute || e.Limit.Name != "sign_in" {
		t.Errorf("got %v", err)
	}
}

func TestOrigin_Network(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1":               "192.0.2.1",
		"::ffff:192.0.2.1":        "192.0.2.1",
		"2001:db8:0:7::1":         "2001:db8:0:7::/64",
		"2001:db8:0:7:ffff::2":    "2001:db8:0:7::/64",
		"2001:0DB8:0000:0008::0A": "2001:db8:0:8::/64",
		"fe80::1%eth0":            "fe80::/64",
		"::1":                     "::/64",
		"":                        "",
		"@":                       "@",
	} {
		if got := (domain.Origin{Address: address}).Network(); got != want {
			t.Errorf("the network of %q is %q, want %q", address, got, want)
		}
	}
}
