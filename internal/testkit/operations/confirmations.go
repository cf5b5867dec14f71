package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// ResetToken is the token of the example of a reset of Ada's password.
const ResetToken = "pV3kTq8yWn2mZc6rXb1hLf9sGd4jKe7uYa0oQi5tRvM"

func (p *Ports) confirmations() *mock.MockConfirmationsMockRecorder {
	return p.Confirmations.(*mock.MockConfirmations).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) { u.Confirmations = mock.NewMockConfirmations(c) }, func() map[string]Operation {
		return map[string]Operation{
			"RequestPasswordReset": {
				Access:   Access{Want: "202 202 202 202 202 202 202 202", Body: apiclient.Object{"email": "ada@school.example"}},
				Examples: Examples{"student": {}},
				Calls: Calls{
					"passes the address and the device": {
						Request: post("/auth/password-resets", `{"email": "Ada@School.example"}`).anonymous().with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.confirmations().RequestPasswordReset(anything, Anyone(), "Ada@School.example", fromCurl).Return(
								domain.ConfirmationRequest{Kind: domain.ConfirmPasswordReset, Email: "ada@school.example", At: Now}, nil)
						},
						Status: 202, Response: `{"email": "ada@school.example", "expires_at": "2026-11-23T12:30:00Z"}`,
					},
				},
			},
			"ConfirmPasswordReset": {
				Access: Access{Want: "422 422 422 422 422 422 422 422", Body: apiclient.Object{
					"token": "no token at all", "password": "nine grey herons wading home",
				}},
				Examples: Examples{"": {}},
				Calls: Calls{
					"passes the token and the password": {
						Request: post("/auth/password-resets/confirmation", `{"token": "t", "password": "nine grey herons wading home"}`).anonymous(),
						Ports: func(p *Ports) {
							p.confirmations().ConfirmPasswordReset(anything, Anyone(), domain.Secret("t"), domain.Secret("nine grey herons wading home")).Return(nil)
						},
						Status: 204,
					},
				},
			},
		}
	})
}
