package wakatime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Account returns who a credential belongs to.
// Errors: *domain.UpstreamError.
func (c *Client) Account(ctx context.Context, cred domain.Credential) (domain.WakaTimeAccount, error) {
	_, body, err := c.get(ctx, cred, "/users/current")
	if err != nil {
		return domain.WakaTimeAccount{}, err
	}
	var answer struct {
		Data loose[struct {
			ID, Username, TimeZone, Plan text
		}] `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return domain.WakaTimeAccount{}, invalid(errNonsense)
	}
	data := answer.Data.value
	account := domain.WakaTimeAccount{
		ID: data.ID.plain(), Username: data.Username.plain(),
		TimeZone: data.TimeZone.plain(), Plan: data.Plan.plain(),
	}
	if account.ID == "" {
		return domain.WakaTimeAccount{}, invalid(errNonsense)
	}
	return account, nil
}

// get asks an endpoint of the API and returns which server answered, and its body.
// Errors: *domain.UpstreamError.
func (c *Client) get(ctx context.Context, cred domain.Credential, path string) (*server, []byte, error) {
	base, err := c.base(cred)
	if err != nil {
		return nil, nil, err
	}
	auth := "Bearer " + cred.Token.Reveal()
	if cred.Kind == domain.ConnectedByKey {
		auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.Token.Reveal()))
	}
	s := c.apis[base]
	a, err := c.send(ctx, query{
		server: s, user: cred.User, method: http.MethodGet, url: base + path,
		header: http.Header{"Authorization": {auth}}, maxBody: c.cfg.MaxBody,
	})
	if err == nil {
		err = a.refused()
	}
	return s, a.body, err
}

// base returns the API that a credential is for. Tokens go nowhere but to the server
// that issued them; a key goes only where the operator allows it today, whatever was
// allowed when it was stored.
func (c *Client) base(cred domain.Credential) (string, error) {
	if cred.Kind != domain.ConnectedByKey {
		return c.cfg.APIURL, nil
	}
	base, err := c.BaseURL(cred.BaseURL)
	if err != nil {
		return "", &domain.UpstreamError{Reason: domain.ReasonMisconfig, Err: err}
	}
	if base == "" {
		base = c.cfg.APIURL
	}
	return base, nil
}
