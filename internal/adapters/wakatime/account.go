package wakatime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Account implements ports.WakaTime.
func (c *Client) Account(ctx context.Context, cred domain.Credential) (domain.WakaTimeAccount, error) {
	_, body, err := c.get(ctx, cred, "/users/current")
	if err != nil {
		return domain.WakaTimeAccount{}, err
	}
	var parsed struct {
		Data lenient[struct {
			ID, Username, TimeZone, Plan text
		}] `json:"data"`
	}
	if json.Unmarshal(body, &parsed) != nil {
		return domain.WakaTimeAccount{}, invalid(errMalformed)
	}
	data := parsed.Data.value
	account := domain.WakaTimeAccount{
		ID: data.ID.plain(), Username: data.Username.plain(),
		TimeZone: data.TimeZone.plain(), Plan: data.Plan.plain(),
	}
	if account.ID == "" {
		return domain.WakaTimeAccount{}, invalid(errMalformed)
	}
	return account, nil
}

// get requests path from the API of cred. It returns the server and the response body.
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
	resp, err := c.send(ctx, request{
		server: s, user: cred.User, method: http.MethodGet, url: base + path,
		header: http.Header{"Authorization": {auth}}, maxBody: c.cfg.MaxBody,
	})
	if err == nil {
		err = resp.apiError()
	}
	return s, resp.body, err
}

// base returns the base URL of the API that cred is for. Tokens are sent only to the
// server that issued them. A key is sent only to servers that the operator allows now,
// regardless of what was allowed when it was stored.
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
