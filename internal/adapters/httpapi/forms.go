package httpapi

import (
	"encoding/json"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/validate"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// forms returns the rules of the operations whose bodies are forms. The use cases apply the
// same rules, and more, to requests that the contract allows. Here they complete the list of
// errors of a request that it does not allow.
func forms(passwords domain.PasswordPolicy, now ports.Clock) validate.Rules {
	return validate.Rules{
		"Register": form(func(b api.Registration) error {
			_, err := domain.NewUser(domain.UserID{}, domain.Applicant{
				Email: b.Email, Name: b.Name, TimeZone: b.TimeZone, Password: domain.Secret(b.Password),
			}, passwords, now())
			return err
		}),
		"ChangePassword": form(func(b api.PasswordChange) error {
			return passwords.Check(domain.Secret(b.Password), "", "") // the use case knows the user
		}),
		"ConfirmPasswordReset": form(func(b api.PasswordReset) error {
			return passwords.Check(domain.Secret(b.Password), "", "") // the use case knows the user
		}),
		"CreateApiToken": form(func(b api.NewAPIToken) error {
			n := newAPIToken(b)
			_, err := domain.NewAPIToken(domain.APITokenID{}, domain.UserID{}, n.Name, n.Scopes, n.Days, now())
			return err
		}),
		"UpdateMe": form(func(b api.ProfilePatch) error {
			_, err := new(domain.User).Update(domain.ProfileUpdate{Name: b.Name, TimeZone: b.TimeZone})
			return err
		}),
		// A patch has the fields of a new batch, but may lack some.
		"CreateBatch": form(func(b api.BatchPatch) error { return batchUpdate(b).Check() }),
		"UpdateBatch": form(func(b api.BatchPatch) error { return batchUpdate(b).Check() }),
		"UpdateRegistrationKey": form(func(b api.RegistrationKeyPatch) error {
			_, err := new(domain.RegistrationKey).Update(registrationKeyUpdate(b))
			return err
		}),
		"ConnectWakaTimeWithKey": form(func(b api.WakaTimeKey) error {
			_, err := domain.ParseAPIKey("api_key", domain.Secret(b.APIKey))
			return err
		}),
	}
}

// form returns a rule for a body of type T. Fields that the contract does not allow, or that
// the request lacks, have their zero value.
func form[T any](check func(T) error) validate.Rule {
	return func(body []byte) error {
		var b T
		if err := json.Unmarshal(body, &b); err != nil {
			return err
		}
		return check(b)
	}
}
