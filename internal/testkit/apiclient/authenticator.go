package apiclient

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pquerna/otp/totp"
)

const timeStep = 30 * time.Second

// App is an authenticator app with the secret of one account.
type App struct {
	c      Client
	secret string
}

// StartTOTP starts the enrolment of the caller.
func (c Client) StartTOTP() App {
	c.tb.Helper()
	return App{c, Decode[struct{ Secret string }](c.Post("/me/totp", nil).Expect(http.StatusCreated)).Secret}
}

// EnableTOTP enables TOTP for the caller and returns their app and their recovery codes. It uses
// up the code before the current one.
func (c Client) EnableTOTP() (App, []string) {
	c.tb.Helper()
	a := c.StartTOTP()
	enabled := c.Post("/me/totp/confirmation", Object{"code": a.Code(-1)}).Expect(http.StatusOK)
	return a, Decode[struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}](enabled).RecoveryCodes
}

// Code returns the code that the app shows a number of steps after the current one.
func (a App) Code(after int) string {
	a.c.tb.Helper()
	code, err := totp.GenerateCode(a.secret, a.c.Now().Add(time.Duration(after)*timeStep))
	if err != nil {
		a.c.tb.Fatal(err)
	}
	return code
}

// WrongCode returns a code of none of the steps that are accepted now.
func (a App) WrongCode() string {
	right := []string{a.Code(-1), a.Code(0), a.Code(1)}
	for i := 0; ; i++ {
		if code := fmt.Sprintf("%06d", i); !slices.Contains(right, code) {
			return code
		}
	}
}

// Challenge sends an address and a password, and returns the challenge to complete the sign-in.
func (c Client) Challenge(email, password string) string {
	c.tb.Helper()
	res := c.Anonymous().Post("/auth/login", Object{"email": email, "password": password}).Expect(http.StatusAccepted)
	return Decode[struct{ Challenge string }](res).Challenge
}
