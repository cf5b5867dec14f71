package httpapi

import (
	"context"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/session"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type accountsHandlers struct {
	sessions ports.Sessions
	accounts ports.Accounts
	cookies  session.Cookies
	now      ports.Clock
}

func (h accountsHandlers) Register(ctx context.Context, r api.RegisterRequestObject) (api.RegisterResponseObject, error) {
	in, err := h.sessions.Register(ctx, actor(ctx), ports.Registration{
		Email:    r.Body.Email,
		Name:     r.Body.Name,
		Password: domain.Secret(r.Body.Password),
		TimeZone: r.Body.TimeZone,
		Key:      r.Body.RegistrationKey,
		Device:   device(ctx, r.Body.Carrier),
	})
	if err != nil {
		return nil, err
	}
	body, cookie := h.signedIn(ctx, in, inCookie(r.Body.Carrier))
	return api.Register201JSONResponse{
		Body:    body,
		Headers: api.Register201ResponseHeaders{Location: apiPath(ctx, "/me"), SetCookie: cookie},
	}, nil
}

func (h accountsHandlers) SignIn(ctx context.Context, r api.SignInRequestObject) (api.SignInResponseObject, error) {
	in, err := h.sessions.SignIn(ctx, actor(ctx), r.Body.Email, domain.Secret(r.Body.Password), device(ctx, r.Body.Carrier))
	if err != nil {
		return nil, err
	}
	if p := in.Pending; p != nil {
		return api.SignIn202JSONResponse{
			Body: api.SignInChallenge{
				Challenge: p.Token.Reveal(), ExpiresAt: p.Challenge.ExpiresAt,
				Methods: each(p.Methods, func(m domain.SecondFactor) api.SecondFactor { return api.SecondFactor(m) }),
			},
			Headers: api.SignIn202ResponseHeaders{Location: apiPath(ctx, "/auth/login/completion")},
		}, nil
	}
	body, cookie := h.signedIn(ctx, in.SignedIn, inCookie(r.Body.Carrier))
	return api.SignIn200JSONResponse{Body: body, Headers: api.SignIn200ResponseHeaders{SetCookie: cookie}}, nil
}

func (h accountsHandlers) RefreshSession(ctx context.Context, r api.RefreshSessionRequestObject) (api.RefreshSessionResponseObject, error) {
	in, err := h.sessions.Refresh(ctx, actor(ctx), domain.Secret(r.Body.RefreshToken), device(ctx, nil))
	if err != nil {
		return nil, err
	}
	return api.RefreshSession200JSONResponse(sessionJSON(in)), nil
}

func (h accountsHandlers) Reauthenticate(ctx context.Context, r api.ReauthenticateRequestObject) (api.ReauthenticateResponseObject, error) {
	d := device(ctx, nil)
	d.Cookie = d.Session != "" // as the request
	in, err := h.sessions.Reauthenticate(ctx, actor(ctx), domain.Secret(r.Body.CurrentPassword), d)
	if err != nil {
		return nil, err
	}
	body, cookie := h.signedIn(ctx, in, d.Cookie)
	return api.Reauthenticate200JSONResponse{Body: body, Headers: api.Reauthenticate200ResponseHeaders{SetCookie: cookie}}, nil
}

func (h accountsHandlers) CompleteSignIn(ctx context.Context, r api.CompleteSignInRequestObject) (api.CompleteSignInResponseObject, error) {
	in, kept, err := h.sessions.CompleteSignIn(ctx, actor(ctx), domain.Secret(r.Body.Challenge), domain.Secret(r.Body.Code), device(ctx, nil))
	if err != nil {
		return nil, err
	}
	body, cookie := h.signedIn(ctx, in, kept)
	return api.CompleteSignIn200JSONResponse{Body: body, Headers: api.CompleteSignIn200ResponseHeaders{SetCookie: cookie}}, nil
}

func (h accountsHandlers) SignOut(ctx context.Context, _ api.SignOutRequestObject) (api.SignOutResponseObject, error) {
	if err := h.sessions.SignOut(ctx, actor(ctx)); err != nil {
		return nil, err
	}
	return api.SignOut204Response{Headers: api.SignOut204ResponseHeaders{SetCookie: new(h.cookies.Set("", -1)), ClearSiteData: clearSiteData(ctx)}}, nil
}

// clearSiteData makes a browser delete what pages of this origin stored and cached. It does
// not list "cookies", which would delete those of all hosts below the school's domain, other
// services included. Set-Cookie deletes the only cookie of Gradus.
//
// Below a path, the origin belongs to other programs as well, so nothing is deleted.
func clearSiteData(ctx context.Context) *string {
	if exchange.Of(ctx).Prefix != "" {
		return nil
	}
	return new(`"cache", "storage"`)
}

func (h accountsHandlers) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	me, err := h.accounts.Me(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetMe200JSONResponse{Body: meJSON(me), Headers: api.GetMe200ResponseHeaders{ETag: etag(me.Version)}}, nil
}

func (h accountsHandlers) UpdateMe(ctx context.Context, r api.UpdateMeRequestObject) (api.UpdateMeResponseObject, error) {
	me, err := h.accounts.UpdateMe(ctx, actor(ctx), domain.ProfileUpdate{Name: r.Body.Name, TimeZone: r.Body.TimeZone}, expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.UpdateMe200JSONResponse{Body: meJSON(me), Headers: api.UpdateMe200ResponseHeaders{ETag: etag(me.Version)}}, nil
}

func (h accountsHandlers) ListUsers(ctx context.Context, r api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	f := domain.UserFilter{Role: domain.Role(optional(r.Params.Role)), Search: optional(r.Params.Search)}
	page, err := h.accounts.Users(ctx, actor(ctx), f, pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListUsers200JSONResponse{Items: each(page.Items, userJSON), Next: next(page.Next)}, nil
}

func (h accountsHandlers) GetUser(ctx context.Context, r api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	u, err := h.accounts.User(ctx, actor(ctx), domain.UserID(r.UserID))
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse{Body: userJSON(u), Headers: api.GetUser200ResponseHeaders{ETag: etag(u.Version)}}, nil
}

func (h accountsHandlers) ChangeUserRole(ctx context.Context, r api.ChangeUserRoleRequestObject) (api.ChangeUserRoleResponseObject, error) {
	u, err := h.accounts.ChangeRole(ctx, actor(ctx), domain.UserID(r.UserID), domain.Role(r.Body.Role), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.ChangeUserRole200JSONResponse{Body: userJSON(u), Headers: api.ChangeUserRole200ResponseHeaders{ETag: etag(u.Version)}}, nil
}

func (h accountsHandlers) SuspendUser(ctx context.Context, r api.SuspendUserRequestObject) (api.SuspendUserResponseObject, error) {
	u, err := h.accounts.Suspend(ctx, actor(ctx), domain.UserID(r.UserID), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.SuspendUser200JSONResponse{Body: userJSON(u), Headers: api.SuspendUser200ResponseHeaders{ETag: etag(u.Version)}}, nil
}

func (h accountsHandlers) ReinstateUser(ctx context.Context, r api.ReinstateUserRequestObject) (api.ReinstateUserResponseObject, error) {
	if _, err := h.accounts.Reinstate(ctx, actor(ctx), domain.UserID(r.UserID), expected(r.Params.IfMatch)); err != nil {
		return nil, err
	}
	return api.ReinstateUser204Response{}, nil
}

// device returns what the caller signs in with.
func device(ctx context.Context, carrier *api.SessionCarrier) ports.Device {
	x := exchange.Of(ctx)
	return ports.Device{UserAgent: x.UserAgent, Session: x.Cookie, Token: x.Device, Cookie: inCookie(carrier)}
}

// sessionJSON renders a session with the tokens of a client that keeps them itself.
func sessionJSON(in domain.SignedIn) api.Session {
	body := api.Session{ExpiresAt: in.Session.ExpiresAt, User: meJSON(in.Me), Token: new(in.Token.Reveal())}
	if !in.RefreshToken.IsZero() {
		body.RefreshToken, body.TokenExpiresAt = new(in.RefreshToken.Text().Reveal()), &in.Session.TokenExpiresAt
	}
	return body
}

func inCookie(carrier *api.SessionCarrier) bool { return optional(carrier) == api.SessionCarrierCookie }

// signedIn renders a new session in the form that the client asked for: in a cookie that
// scripts cannot read, for browsers, or as a token. With a token, the cookie of the session that
// was replaced is deleted.
func (h accountsHandlers) signedIn(ctx context.Context, in domain.SignedIn, inCookie bool) (body api.Session, cookie *string) {
	x := exchange.Of(ctx)
	x.NewDevice, x.CookieCarrier = in.Device, inCookie
	body = sessionJSON(in)
	if inCookie {
		body.Token = nil
		maxAge := int(in.Session.ExpiresAt.Sub(h.now()) / time.Second)
		return body, new(h.cookies.Set(in.Token, maxAge))
	}
	if x.Cookie != "" {
		cookie = new(h.cookies.Set("", -1))
	}
	return body, cookie
}

func meJSON(m domain.Me) api.Me {
	out := api.Me{
		ID:        types.UUID(m.ID),
		Email:     string(m.Email),
		Name:      m.Name,
		Role:      api.Role(m.Role),
		TimeZone:  string(m.TimeZone),
		CreatedAt: m.CreatedAt,
		Teaches:   each(m.Teaches, func(id domain.BatchID) types.UUID { return types.UUID(id) }),
	}
	if b := m.Batch; b != nil {
		out.Batch = &api.BatchSummary{
			ID: types.UUID(b.ID), Name: b.Name, TimeZone: string(b.TimeZone),
			StartsOn: dateJSON(b.StartsOn), EndsOn: dateJSON(b.EndsOn),
		}
	}
	return out
}

func userJSON(u domain.User) api.User {
	return api.User{
		ID:          types.UUID(u.ID),
		Email:       string(u.Email),
		Name:        u.Name,
		Role:        api.Role(u.Role),
		TimeZone:    string(u.TimeZone),
		SuspendedAt: u.SuspendedAt,
		CreatedAt:   u.CreatedAt,
	}
}
