package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// The tokens of the examples, which are about Ada's account.
const (
	ResetToken = "pV3kTq8yWn2mZc6rXb1hLf9sGd4jKe7uYa0oQi5tRvM"
	EmailToken = "wS7nRf2xKb9vTq4mLc1zHd6yPj8gUe3oAa5iQk0tNrX"
	UndoToken  = "hY5jMd8pWk1tRb7nXc3vLf0zGs6qTe9uKa2oDi4yPmB"
)

func (p *Ports) confirmations() *mock.MockConfirmationsMockRecorder {
	return p.Confirmations.(*mock.MockConfirmations).EXPECT()
}

// unknownToken has the form of a token.
const unknownToken = "no-such-token-was-ever-sent-to-anyone-00000"

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
			"RequestEmailChange": {
				Access:   Access{Want: "401 202 202 202 202 202 202 401", Body: apiclient.Object{"email": "new@school.example"}},
				Examples: Examples{"student": {As: "ada"}},
				Calls: Calls{
					"passes the address and the device": {
						Request: post("/me/email", `{"email": "New@School.example"}`).with("User-Agent", "curl/8"),
						Ports: func(p *Ports) {
							p.confirmations().RequestEmailChange(anything, p.Actor, "New@School.example", fromCurl).Return(
								domain.ConfirmationRequest{Kind: domain.ConfirmEmailChange, Email: "new@school.example", At: Now}, nil)
						},
						Status: 202, Response: `{"email": "new@school.example", "expires_at": "2026-11-24T12:00:00Z"}`,
					},
				},
			},
			"ConfirmEmailChange": {
				Access:   Access{Want: "422 422 422 422 422 422 422 422", Body: apiclient.Object{"token": unknownToken}},
				Examples: Examples{"": {}},
				Calls: Calls{
					"passes the token": {
						Request: post("/auth/email-changes/confirmation", `{"token": "t"}`).anonymous(),
						Ports: func(p *Ports) {
							p.confirmations().ConfirmEmailChange(anything, Anyone(), domain.Secret("t")).Return(nil)
						},
						Status: 204,
					},
				},
			},
			"UndoEmailChange": {
				Access:   Access{Want: "422 422 422 422 422 422 422 422", Body: apiclient.Object{"token": unknownToken}},
				Examples: Examples{"": {}},
				Calls: Calls{
					"passes the token": {
						Request: post("/auth/email-changes/undo", `{"token": "t"}`).anonymous(),
						Ports: func(p *Ports) {
							p.confirmations().UndoEmailChange(anything, Anyone(), domain.Secret("t")).Return(nil)
						},
						Status: 204,
					},
				},
			},
			"ConfirmPasswordReset": {
				Access: Access{Want: "422 422 422 422 422 422 422 422", Body: apiclient.Object{
					"token": unknownToken, "password": "nine grey herons wading home",
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
