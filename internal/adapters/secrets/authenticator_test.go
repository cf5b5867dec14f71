package secrets_test

import (
	"bytes"
	"image/png"
	"net/url"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestAuthenticator_NewSecret(t *testing.T) {
	t.Parallel()
	a := secrets.NewAuthenticator(secrets.Config{Issuer: "Gradus school.example"})
	e, err := a.NewSecret("ada+a&b=c@example.com")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(e.URI.Reveal())
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Gradus school.example:ada+a&b=c@example.com" {
		t.Fatalf("%v, %v", u, err)
	}
	want := url.Values{"algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}, "issuer": {"Gradus school.example"}, "secret": {e.Secret.Reveal()}}
	if got := u.Query(); got.Encode() != want.Encode() {
		t.Errorf("parameters %v, want %v", got, want)
	}
	if n := len(e.Secret.Reveal()); n != 32 { // 160 bits
		t.Errorf("the secret has %d characters", n)
	}
	image, err := png.Decode(bytes.NewReader(e.QRCode))
	if err != nil || image.Bounds().Dx() != 256 || image.Bounds().Dy() != 256 {
		t.Errorf("the QR code is %v, %v", image.Bounds(), err)
	}
	other, err := a.NewSecret("ada@example.com")
	if err != nil || other.Secret == e.Secret {
		t.Errorf("the same secret again, %v", err)
	}
}

// A QR code of the longest address must fit, into the image and into the schema.
func TestAuthenticator_NewSecret_AcceptsTheLongestAddress(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("a"), 254)
	e, err := secrets.NewAuthenticator(secrets.Config{Issuer: "Gradus " + string(long)}).NewSecret(domain.Email(long))
	if err != nil || len(e.QRCode) > 7000 {
		t.Errorf("a QR code of %d bytes, %v", len(e.QRCode), err)
	}
}

func TestAuthenticator_Step(t *testing.T) {
	t.Parallel()
	a := secrets.NewAuthenticator(secrets.Config{})
	e, err := a.NewSecret("ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 14, 12, 0, 10, 0, time.UTC)
	for name, tt := range map[string]struct {
		secret domain.Secret
		after  time.Duration
		change func(string) string
		want   bool
	}{
		"the current step":            {e.Secret, 0, nil, true},
		"the end of the current step": {e.Secret, 19 * time.Second, nil, true},
		"the step before":             {e.Secret, -30 * time.Second, nil, true},
		"the next step":               {e.Secret, 30 * time.Second, nil, true},
		"two steps before":            {e.Secret, -60 * time.Second, nil, false},
		"two steps after":             {e.Secret, 60 * time.Second, nil, false},
		"another digit":               {e.Secret, 0, func(c string) string { return string('0'+(c[0]-'0'+1)%10) + c[1:] }, false},
		"no digits":                   {e.Secret, 0, func(string) string { return "" }, false},
		"too many digits":             {e.Secret, 0, func(c string) string { return c + "0" }, false},
		"no secret":                   {"", 0, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := totp.GenerateCode(e.Secret.Reveal(), now.Add(tt.after))
			if err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				code = tt.change(code)
			}
			step, ok := a.Step(tt.secret, domain.Secret(code), now)
			if want := now.Add(tt.after).Unix() / 30; ok != tt.want || ok && step != want {
				t.Errorf("Step = %d, %t; want %d, %t", step, ok, want, tt.want)
			}
		})
	}
}
