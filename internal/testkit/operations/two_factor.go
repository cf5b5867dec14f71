package operations

import (
	"fmt"
	"regexp"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func (p *Ports) twoFactor() *mock.MockTwoFactorMockRecorder {
	return p.TwoFactor.(*mock.MockTwoFactor).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) { u.TwoFactor = mock.NewMockTwoFactor(c) }, func() map[string]Operation {
		codes := []domain.Secret{"AAAAA-BBBBB", "CCCCC-DDDDD"}
		const codesJSON = `{"recovery_codes": ["AAAAA-BBBBB", "CCCCC-DDDDD"]}`
		return map[string]Operation{
			"CompleteSignIn": {
				Access:   Access{Want: "422 422 422 422 422 422 422 422", Body: apiclient.Object{"challenge": "c", "code": ""}},
				Examples: Examples{"totp": {Prepare: passPassword}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"refresh_token", nil, "a secret"}},
				Calls: Calls{
					"returns a token": {
						Request: post("/auth/login/completion", `{"challenge": "c", "code": "123456"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().CompleteSignIn(anything, Anyone(), domain.Secret("c"), domain.Secret("123456"), fromCurl).Return(NewTokens(), false, nil)
						},
						Status: 200, Response: byToken, Headers: map[string]string{"Set-Cookie": ""},
					},
					"sets a cookie, if the first step asked for one": {
						Request: post("/auth/login/completion", `{"challenge": "c", "code": "123456"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.sessions().CompleteSignIn(anything, Anyone(), domain.Secret("c"), domain.Secret("123456"), fromCurl).Return(NewSession(), true, nil)
						},
						Status: 200, Response: byCookie, Headers: map[string]string{"Set-Cookie": setCookie},
					},
				},
			},
			"GetTotp": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"off": {As: "ada"}},
				Calls: Calls{
					"returns the state": {
						Request: get("/me/totp"),
						Ports: func(p *Ports) {
							p.twoFactor().TOTP(anything, p.Actor).Return(domain.TOTPStatus{State: domain.TOTPOn, Required: true, ConfirmedAt: &Ago, RecoveryCodes: 9}, nil)
						},
						Status: 200, Response: `{"state": "on", "required": true, "confirmed_at": "` + AgoText + `", "recovery_codes": 9}`,
					},
				},
			},
			"StartTotp": {
				Access:   Access{Want: "401 201 201 201 201 201 201 401"},
				Examples: Examples{"started": {As: "hana"}},
				Volatile: Volatile{{"secret", nil, "a secret"}, {"otpauth_uri", regexp.MustCompile(`secret=\w+`), "a secret"}, {"qr_code", nil, "a secret"}},
				Calls: Calls{
					"returns the secret and its QR code": {
						Request: post("/me/totp", ""),
						Ports: func(p *Ports) {
							p.twoFactor().StartTOTP(anything, p.Actor).Return(domain.TOTPEnrolment{Secret: "ABC", URI: "otpauth://totp/a", QRCode: []byte("png")}, nil)
						},
						Status: 201, Response: `{"secret": "ABC", "otpauth_uri": "otpauth://totp/a", "qr_code": "data:image/png;base64,cG5n"}`,
						Headers: map[string]string{"Location": "/api/v1/me/totp"},
					},
				},
			},
			"EnableTotp": {
				Access:   Access{Want: "401 409 409 409 409 409 409 401", Body: apiclient.Object{"code": "000000"}, Conflicts: true},
				Examples: Examples{"code": {As: "hana", Prepare: startTOTP}},
				Volatile: volatileCodes(),
				Calls: Calls{
					"returns the recovery codes": {
						Request: post("/me/totp/confirmation", `{"code": "123456"}`),
						Ports: func(p *Ports) {
							p.twoFactor().EnableTOTP(anything, p.Actor, domain.Secret("123456")).Return(codes, nil)
						},
						Status: 200, Response: codesJSON,
					},
				},
			},
			"DisableTotp": {
				Access:   Access{Want: "401 204 204 204 204 204 204 401"},
				Examples: Examples{"": {As: "hana"}},
				Calls: Calls{
					"removes it": {
						Request: del("/me/totp"),
						Ports:   func(p *Ports) { p.twoFactor().DisableTOTP(anything, p.Actor).Return(nil) },
						Status:  204,
					},
				},
			},
			"RotateRecoveryCodes": {
				Access:   Access{Want: "401 409 409 409 409 409 409 401", Conflicts: true},
				Examples: Examples{"rotated": {As: "hana", Prepare: func(c apiclient.Client, _ apiclient.Object) { c.EnableTOTP() }}},
				Volatile: volatileCodes(),
				Calls: Calls{
					"returns new ones": {
						Request: post("/me/recovery-codes", ""),
						Ports:   func(p *Ports) { p.twoFactor().RotateRecoveryCodes(anything, p.Actor).Return(codes, nil) },
						Status:  200, Response: codesJSON,
					},
				},
			},
			"DisableUserTotp": {
				Access:   Access{On: "user_id", Want: "401 403 403 403 403 403 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{
					"removes that of a user": {
						Request: del("/users/" + AdaID + "/totp"),
						Ports: func(p *Ports) {
							p.twoFactor().DisableUserTOTP(anything, p.Actor, ID[domain.User](AdaID)).Return(nil)
						},
						Status: 204,
					},
				},
			},
		}
	})
}

// volatileCodes selects every recovery code of a set.
func volatileCodes() Volatile {
	var all Volatile
	for i := range domain.RecoveryCodes {
		all = append(all, Mask{fmt.Sprintf("recovery_codes.%d", i), nil, "a secret"})
	}
	return all
}

// enableTOTP enables TOTP for the user with the address and the password of a body.
func enableTOTP(c apiclient.Client, body apiclient.Object) {
	email, _ := body["email"].(string)
	c.SignIn(email, apiclient.Password).EnableTOTP()
}

// passPassword takes the first step of a sign-in, and adds what the second one needs.
func passPassword(c apiclient.Client, body apiclient.Object) {
	const email = "hana@school.example"
	app, _ := c.SignIn(email, apiclient.Password).EnableTOTP()
	body["challenge"], body["code"] = c.Challenge(email, apiclient.Password), app.Code(0)
}

// startTOTP starts the enrolment of the caller, and adds its code.
func startTOTP(c apiclient.Client, body apiclient.Object) { body["code"] = c.StartTOTP().Code(0) }
