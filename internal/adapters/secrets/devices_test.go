package secrets_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

func newDeviceTokens(t *testing.T, keys domain.Secret) secrets.DeviceTokens {
	t.Helper()
	sealer, err := secrets.NewSealer(secrets.Config{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return secrets.NewDeviceTokens(sealer)
}

func TestDeviceTokens(t *testing.T) {
	t.Parallel()
	key := func(id string) domain.Secret {
		return domain.Secret(id + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(id, 32)[:32])))
	}
	ada, eve := domain.UserID{1}, domain.UserID{2}
	devices := newDeviceTokens(t, key("a"))
	token := devices.NewDeviceToken(ada)
	id := devices.OpenDeviceToken(ada, token)
	if id == "" || id != devices.OpenDeviceToken(ada, token) {
		t.Fatalf("a device is not recognized: %q", id)
	}
	if other := devices.OpenDeviceToken(ada, devices.NewDeviceToken(ada)); other == "" || other == id {
		t.Errorf("another device is %q", other)
	}
	if rotated := newDeviceTokens(t, key("b")+","+key("a")).OpenDeviceToken(ada, token); rotated != id {
		t.Errorf("after a rotation of the keys the device is %q", rotated)
	}
	changed := []byte(token.Reveal())
	changed[len(changed)/2] ^= 1
	for name, got := range map[string]string{
		"the token of another user": devices.OpenDeviceToken(eve, token),
		"a changed token":           devices.OpenDeviceToken(ada, domain.Secret(changed)),
		"a token of another server": newDeviceTokens(t, key("b")).OpenDeviceToken(ada, token),
		"no token":                  devices.OpenDeviceToken(ada, ""),
		"text":                      devices.OpenDeviceToken(ada, "not base64!"),
		"a long text":               devices.OpenDeviceToken(ada, domain.Secret(strings.Repeat("A", 1<<20))),
	} {
		if got != "" {
			t.Errorf("%s is that of a known device", name)
		}
	}
}
