package secrets

import (
	"encoding/base64"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// deviceColumn is what device tokens are sealed for. They are stored on devices only.
const deviceColumn = "device"

// maxDeviceToken limits the size of what is decrypted.
const maxDeviceToken = 512

// DeviceTokens implements ports.DeviceTokens. A token is a sealed random ID that can be opened only
// for its user, so the server stores nothing, and all replicas accept it.
type DeviceTokens struct{ sealer *Sealer }

var _ ports.DeviceTokens = DeviceTokens{}

// NewDeviceTokens returns DeviceTokens.
func NewDeviceTokens(sealer *Sealer) DeviceTokens { return DeviceTokens{sealer} }

// NewDeviceToken implements ports.DeviceTokens. Without a token, a device is one that nobody knows.
func (t DeviceTokens) NewDeviceToken(user domain.UserID) domain.Secret {
	sealed, err := t.sealer.Seal(NewToken(), user.String(), deviceColumn)
	if err != nil {
		return ""
	}
	return domain.Secret(base64.RawURLEncoding.EncodeToString(sealed))
}

// OpenDeviceToken implements ports.DeviceTokens.
func (t DeviceTokens) OpenDeviceToken(user domain.UserID, token domain.Secret) string {
	if len(token) > maxDeviceToken {
		return ""
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token.Reveal())
	if err != nil {
		return ""
	}
	id, err := t.sealer.Open(sealed, user.String(), deviceColumn)
	if err != nil {
		return ""
	}
	return id.Reveal()
}
