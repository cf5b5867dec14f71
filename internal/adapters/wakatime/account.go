package wakatime

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Account implements ports.WakaTime. It sends one request, or two if the server does not
// identify accounts.
func (c *Client) Account(ctx context.Context, cred domain.Credential) (domain.WakaTimeAccount, error) {
	account, err := c.currentUser(ctx, cred)
	// Access tokens change, so only a key can stand in for the ID.
	if cred.Kind == domain.ConnectedByKey && notProvided(err) {
		return c.unidentified(ctx, cred)
	}
	return account, err
}

// currentUser returns the account of a credential as the server identifies it.
func (c *Client) currentUser(ctx context.Context, cred domain.Credential) (domain.WakaTimeAccount, error) {
	a, body, err := c.get(ctx, cred, "/users/current")
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
		Server: c.source(a), ID: data.ID.plain(), Username: data.Username.plain(),
		TimeZone: data.TimeZone.plain(), Plan: data.Plan.plain(),
	}
	if account.ID == "" {
		return domain.WakaTimeAccount{}, invalid(errMalformed)
	}
	return account, nil
}

// notProvided reports whether err means that the server does not provide an endpoint, or
// that its response is not one of WakaTime's API.
func notProvided(err error) bool {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	if !ok {
		return false
	}
	interrupted := errors.Is(err, errTruncated) || errors.Is(err, errOversize)
	return up.Reason == domain.ReasonUnsupported || up.Reason == domain.ReasonPlanLimited ||
		up.Reason == domain.ReasonInvalid && !interrupted
}

// unidentified returns the account of a key at a server that does not identify accounts.
// Its ID derives from the key, so another key of the same account is another account.
// The server must accept the key for daily summaries.
// Errors: *domain.UpstreamError (with ReasonUnsupported if there are no daily summaries).
func (c *Client) unidentified(ctx context.Context, cred domain.Credential) (domain.WakaTimeAccount, error) {
	// In the server's time zone, today may be yesterday.
	today := domain.UTC.Today(c.now())
	got, err := c.Summaries(ctx, cred, domain.UTC, domain.DayRange{From: today - 1, To: today})
	if notProvided(err) {
		return domain.WakaTimeAccount{}, &domain.UpstreamError{Reason: domain.ReasonUnsupported, Err: errors.Unwrap(err)}
	}
	if err != nil {
		return domain.WakaTimeAccount{}, err
	}
	for _, d := range got.Days {
		if d.Failure == domain.ReasonNone {
			sum := sha256.Sum256([]byte(cred.Token.Reveal()))
			return domain.WakaTimeAccount{Server: got.Source, ID: "key:" + hex.EncodeToString(sum[:8])}, nil
		}
	}
	return domain.WakaTimeAccount{}, &domain.UpstreamError{Reason: domain.ReasonUnsupported, Err: errNoDays}
}

// get requests path from the API of cred. It returns the API and the response body.
// Errors: *domain.UpstreamError.
func (c *Client) get(ctx context.Context, cred domain.Credential, path string) (api, []byte, error) {
	a, err := c.api(cred)
	if err != nil {
		return api{}, nil, err
	}
	auth := "Bearer " + cred.Token.Reveal()
	if cred.Kind == domain.ConnectedByKey {
		auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.Token.Reveal()))
	}
	resp, err := c.send(ctx, request{
		server: a.server, user: cred.User, method: http.MethodGet, url: a.base + path,
		header: http.Header{"Authorization": {auth}}, maxBody: c.cfg.MaxBody,
	})
	if err == nil {
		err = resp.apiError(cred.Kind)
	}
	return a, resp.body, err
}
