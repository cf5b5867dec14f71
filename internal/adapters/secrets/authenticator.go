package secrets

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	timeStep = 30 * time.Second
	// qrSize is the side of the QR code in pixels: three for each module of the longest address.
	qrSize = 256
)

// Authenticator implements ports.Authenticator with the parameters that all apps support: six
// digits, 30 seconds, SHA-1.
type Authenticator struct{ issuer string }

var _ ports.Authenticator = (*Authenticator)(nil)

// NewAuthenticator returns an Authenticator.
func NewAuthenticator(cfg Config) *Authenticator {
	return &Authenticator{issuer: cmp.Or(cfg.Issuer, "Gradus")}
}

// NewSecret implements ports.Authenticator.
func (a *Authenticator) NewSecret(account domain.Email) (domain.TOTPEnrolment, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: a.issuer, AccountName: string(account), Period: uint(timeStep / time.Second)})
	if err != nil {
		return domain.TOTPEnrolment{}, fmt.Errorf("generate TOTP secret: %w", err)
	}
	drawn, err := key.Image(qrSize, qrSize)
	if err != nil {
		return domain.TOTPEnrolment{}, fmt.Errorf("draw QR code: %w", err)
	}
	// Two colors instead of 65,536 shades of gray make the image four times smaller.
	small := image.NewPaletted(drawn.Bounds(), color.Palette{color.White, color.Black})
	draw.Draw(small, small.Bounds(), drawn, drawn.Bounds().Min, draw.Src)
	var code bytes.Buffer
	if err := png.Encode(&code, small); err != nil {
		return domain.TOTPEnrolment{}, fmt.Errorf("encode QR code: %w", err)
	}
	return domain.TOTPEnrolment{Secret: domain.Secret(key.Secret()), URI: domain.Secret(key.URL()), QRCode: code.Bytes()}, nil
}

// Step implements ports.Authenticator. It compares the codes of all three steps in constant time.
func (a *Authenticator) Step(secret, code domain.Secret, now time.Time) (step int64, ok bool) {
	current := now.Unix() / int64(timeStep/time.Second)
	for s := current - 1; s <= current+1; s++ {
		match, err := hotp.ValidateCustom(code.Reveal(), uint64(s), secret.Reveal(), hotp.ValidateOpts{Digits: otp.DigitsSix})
		if err == nil && match {
			step, ok = s, true
		}
	}
	return step, ok
}
