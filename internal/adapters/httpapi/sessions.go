package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type sessionsHandlers struct{ active ports.ActiveSessions }

func (h sessionsHandlers) ListMySessions(ctx context.Context, r api.ListMySessionsRequestObject) (api.ListMySessionsResponseObject, error) {
	page, err := h.active.MySessions(ctx, actor(ctx), pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListMySessions200JSONResponse(sessionPageJSON(page, actor(ctx))), nil
}

func (h sessionsHandlers) RevokeMyOtherSessions(ctx context.Context, _ api.RevokeMyOtherSessionsRequestObject) (api.RevokeMyOtherSessionsResponseObject, error) {
	if err := h.active.RevokeMyOtherSessions(ctx, actor(ctx)); err != nil {
		return nil, err
	}
	return api.RevokeMyOtherSessions204Response{}, nil
}

func (h sessionsHandlers) RevokeMySession(ctx context.Context, r api.RevokeMySessionRequestObject) (api.RevokeMySessionResponseObject, error) {
	if err := h.active.RevokeMySession(ctx, actor(ctx), domain.SessionID(r.SessionID)); err != nil {
		return nil, err
	}
	return api.RevokeMySession204Response{}, nil
}

func (h sessionsHandlers) ChangePassword(ctx context.Context, r api.ChangePasswordRequestObject) (api.ChangePasswordResponseObject, error) {
	err := h.active.ChangePassword(ctx, actor(ctx), ports.PasswordChange{
		Current: domain.Secret(r.Body.CurrentPassword), New: domain.Secret(r.Body.Password),
	})
	if err != nil {
		return nil, err
	}
	return api.ChangePassword204Response{}, nil
}

func (h sessionsHandlers) ListUserSessions(ctx context.Context, r api.ListUserSessionsRequestObject) (api.ListUserSessionsResponseObject, error) {
	page, err := h.active.UserSessions(ctx, actor(ctx), domain.UserID(r.UserID), pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListUserSessions200JSONResponse(sessionPageJSON(page, actor(ctx))), nil
}

func (h sessionsHandlers) RevokeUserSessions(ctx context.Context, r api.RevokeUserSessionsRequestObject) (api.RevokeUserSessionsResponseObject, error) {
	if err := h.active.RevokeUserSessions(ctx, actor(ctx), domain.UserID(r.UserID)); err != nil {
		return nil, err
	}
	return api.RevokeUserSessions204Response{}, nil
}

func sessionPageJSON(p domain.Page[domain.Session], caller domain.Actor) api.ActiveSessionPage {
	return api.ActiveSessionPage{Next: next(p.Next), Items: each(p.Items, func(s domain.Session) api.ActiveSession {
		return api.ActiveSession{
			ID: types.UUID(s.ID), UserAgent: s.UserAgent, Address: s.Address,
			CreatedAt: s.CreatedAt, LastUsedAt: s.LastSeenAt, ExpiresAt: s.ExpiresAt, Current: s.ID == caller.SessionID,
		}
	})}
}
