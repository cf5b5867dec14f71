package httpapi

import (
	"cmp"
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type connectionsHandlers struct {
	connections ports.Connections
	students    ports.StudentConnections
}

func (h connectionsHandlers) GetWakaTimeConnection(ctx context.Context, _ api.GetWakaTimeConnectionRequestObject) (api.GetWakaTimeConnectionResponseObject, error) {
	c, err := h.connections.Connection(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetWakaTimeConnection200JSONResponse{Body: connectionJSON(c), Headers: api.GetWakaTimeConnection200ResponseHeaders{ETag: etag(c.Version())}}, nil
}

func (h connectionsHandlers) StartWakaTimeAuthorization(ctx context.Context, _ api.StartWakaTimeAuthorizationRequestObject) (api.StartWakaTimeAuthorizationResponseObject, error) {
	url, expiresAt, err := h.connections.Authorize(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.StartWakaTimeAuthorization201JSONResponse{
		Body:    api.WakaTimeAuthorization{AuthorizationURL: url, ExpiresAt: expiresAt},
		Headers: api.StartWakaTimeAuthorization201ResponseHeaders{Location: apiPath(ctx, "/me/wakatime")},
	}, nil
}

func (h connectionsHandlers) CompleteWakaTimeAuthorization(ctx context.Context, r api.CompleteWakaTimeAuthorizationRequestObject) (api.CompleteWakaTimeAuthorizationResponseObject, error) {
	c, err := h.connections.CompleteAuthorization(ctx, actor(ctx), domain.Secret(r.Body.Code), domain.Secret(r.Body.State))
	if err != nil {
		return nil, err
	}
	return api.CompleteWakaTimeAuthorization200JSONResponse{Body: connectionJSON(c), Headers: api.CompleteWakaTimeAuthorization200ResponseHeaders{ETag: etag(c.Version())}}, nil
}

func (h connectionsHandlers) ConnectWakaTimeWithKey(ctx context.Context, r api.ConnectWakaTimeWithKeyRequestObject) (api.ConnectWakaTimeWithKeyResponseObject, error) {
	c, err := h.connections.ConnectWithKey(ctx, actor(ctx), domain.Secret(r.Body.APIKey), optional(r.Body.BaseURL), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.ConnectWakaTimeWithKey200JSONResponse{Body: connectionJSON(c), Headers: api.ConnectWakaTimeWithKey200ResponseHeaders{ETag: etag(c.Version())}}, nil
}

func (h connectionsHandlers) DisconnectWakaTime(ctx context.Context, r api.DisconnectWakaTimeRequestObject) (api.DisconnectWakaTimeResponseObject, error) {
	revocation, err := h.connections.Disconnect(ctx, actor(ctx), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.DisconnectWakaTime200JSONResponse{Revocation: api.RevocationStatus(revocation)}, nil
}

func (h connectionsHandlers) ListWakaTimeServers(ctx context.Context, _ api.ListWakaTimeServersRequestObject) (api.ListWakaTimeServersResponseObject, error) {
	list, err := h.connections.Servers(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.ListWakaTimeServers200JSONResponse{Items: each(list, serverJSON)}, nil
}

func (h connectionsHandlers) DisconnectStudentWakaTime(ctx context.Context, r api.DisconnectStudentWakaTimeRequestObject) (api.DisconnectStudentWakaTimeResponseObject, error) {
	revocation, err := h.students.DisconnectStudent(ctx, actor(ctx), domain.UserID(r.StudentID))
	if err != nil {
		return nil, err
	}
	return api.DisconnectStudentWakaTime200JSONResponse{Revocation: api.RevocationStatus(revocation)}, nil
}

func (h connectionsHandlers) ListStudentWakaTimeAccounts(ctx context.Context, r api.ListStudentWakaTimeAccountsRequestObject) (api.ListStudentWakaTimeAccountsResponseObject, error) {
	list, err := h.students.StudentAccounts(ctx, actor(ctx), domain.UserID(r.StudentID))
	if err != nil {
		return nil, err
	}
	return api.ListStudentWakaTimeAccounts200JSONResponse{Items: each(list, accountJSON)}, nil
}

func (h connectionsHandlers) AcceptWakaTimeAccount(ctx context.Context, r api.AcceptWakaTimeAccountRequestObject) (api.AcceptWakaTimeAccountResponseObject, error) {
	a, err := h.students.AcceptAccount(ctx, actor(ctx), domain.UserID(r.StudentID), domain.TrackedAccountID(r.AccountID))
	if err != nil {
		return nil, err
	}
	return api.AcceptWakaTimeAccount200JSONResponse(accountJSON(a)), nil
}

func (h connectionsHandlers) RejectWakaTimeAccount(ctx context.Context, r api.RejectWakaTimeAccountRequestObject) (api.RejectWakaTimeAccountResponseObject, error) {
	a, err := h.students.RejectAccount(ctx, actor(ctx), domain.UserID(r.StudentID), domain.TrackedAccountID(r.AccountID))
	if err != nil {
		return nil, err
	}
	return api.RejectWakaTimeAccount200JSONResponse(accountJSON(a)), nil
}

func connectionJSON(c domain.ConnectionReport) api.WakaTimeConnection {
	out := api.WakaTimeConnection{
		State:         api.ConnectionState(c.State),
		Summary:       c.Summary(c.Coverage),
		Scopes:        each(c.Scopes, func(s string) string { return s }),
		MissingScopes: each(c.MissingScopes(), func(s string) string { return s }),
		Coverage:      coverageJSON(c.Coverage),
	}
	if c.State == domain.NotConnected {
		return out
	}
	out.Kind = new(api.ConnectionKind(c.Kind))
	out.Server = new(domain.ServerName(c.Account.Server))
	out.BaseURL = filled(c.BaseURL)
	out.Yardstick = new(yardstickJSON(c.Yardstick))
	out.ConnectedAt = &c.ConnectedAt
	out.LastSyncedAt, out.NextSyncAt, out.Syncing = c.LastSyncedAt, c.NextSyncAt, c.Syncing
	out.Account = &api.WakaTimeAccount{
		ID:       c.Account.ID,
		Username: filled(c.Account.Username),
		TimeZone: filled(c.Account.TimeZone),
		Plan:     filled(c.Account.Plan),
	}
	if f := c.Failure; f != nil {
		out.Failure = &api.SyncFailure{Reason: api.Reason(f.Reason), Detail: f.Reason.Message(c.Account.Server), At: f.At, Since: f.Since}
	}
	return out
}

func yardstickJSON(y domain.Yardstick) api.Yardstick {
	return api.Yardstick{Kind: api.YardstickKind(cmp.Or(y.Kind, domain.YardstickUnknown)), TimeoutMinutes: filled(y.Timeout)}
}

func failingJSON(f *domain.Failing) *api.Failing {
	if f == nil {
		return nil
	}
	return &api.Failing{Since: f.Since, Reason: api.Reason(f.Reason), Detail: f.Reason.Message(f.Server)}
}

func serverJSON(s domain.WakaTimeServer) api.WakaTimeServer {
	return api.WakaTimeServer{Name: s.Name, BaseURL: s.BaseURL, Default: s.Default}
}

func accountJSON(a domain.TrackedAccount) api.TrackedAccount {
	return api.TrackedAccount{
		ID:          types.UUID(a.ID),
		Server:      domain.ServerName(a.Server),
		Username:    filled(a.Username),
		Current:     a.Current,
		AcceptedAt:  a.AcceptedAt,
		FirstDay:    dateRefJSON(a.First),
		LastDay:     dateRefJSON(a.Last),
		Days:        a.Days,
		Seconds:     a.Seconds,
		CountedDays: a.Counted,
	}
}
