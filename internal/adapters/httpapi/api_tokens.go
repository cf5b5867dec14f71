package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type apiTokensHandlers struct{ tokens ports.APITokens }

func (h apiTokensHandlers) ListMyAPITokens(ctx context.Context, r api.ListMyAPITokensRequestObject) (api.ListMyAPITokensResponseObject, error) {
	page, err := h.tokens.MyAPITokens(ctx, actor(ctx), pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListMyAPITokens200JSONResponse{Items: each(page.Items, apiTokenJSON), Next: next(page.Next)}, nil
}

func (h apiTokensHandlers) CreateAPIToken(ctx context.Context, r api.CreateAPITokenRequestObject) (api.CreateAPITokenResponseObject, error) {
	created, err := h.tokens.CreateAPIToken(ctx, actor(ctx), newAPIToken(*r.Body))
	if err != nil {
		return nil, err
	}
	return api.CreateAPIToken201JSONResponse{
		Body:    api.CreatedAPIToken{Token: created.Token.Reveal(), APIToken: apiTokenJSON(created.APIToken)},
		Headers: api.CreateAPIToken201ResponseHeaders{Location: apiPath(ctx, "/me/api-tokens")},
	}, nil
}

func (h apiTokensHandlers) RevokeMyAPIToken(ctx context.Context, r api.RevokeMyAPITokenRequestObject) (api.RevokeMyAPITokenResponseObject, error) {
	if err := h.tokens.RevokeMyAPIToken(ctx, actor(ctx), domain.APITokenID(r.TokenID)); err != nil {
		return nil, err
	}
	return api.RevokeMyAPIToken204Response{}, nil
}

func (h apiTokensHandlers) ListAPITokens(ctx context.Context, r api.ListAPITokensRequestObject) (api.ListAPITokensResponseObject, error) {
	f := domain.APITokenFilter{User: domain.UserID(optional(r.Params.UserID))}
	page, err := h.tokens.AllAPITokens(ctx, actor(ctx), f, pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListAPITokens200JSONResponse{Items: each(page.Items, apiTokenJSON), Next: next(page.Next)}, nil
}

func (h apiTokensHandlers) RevokeAPIToken(ctx context.Context, r api.RevokeAPITokenRequestObject) (api.RevokeAPITokenResponseObject, error) {
	if err := h.tokens.RevokeAPIToken(ctx, actor(ctx), domain.APITokenID(r.TokenID)); err != nil {
		return nil, err
	}
	return api.RevokeAPIToken204Response{}, nil
}

func newAPIToken(b api.NewAPIToken) ports.NewAPIToken {
	return ports.NewAPIToken{
		Name: b.Name, Days: b.ExpiresInDays,
		Scopes: each(b.Scopes, func(s api.APITokenScope) domain.APIScope { return domain.APIScope(s) }),
	}
}

func apiTokenJSON(t domain.APIToken) api.APIToken {
	return api.APIToken{
		ID: types.UUID(t.ID), UserID: types.UUID(t.User), UserName: t.UserName, Name: t.Name,
		Scopes:    each(t.Scopes, func(s domain.APIScope) api.APITokenScope { return api.APITokenScope(s) }),
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt,
		LastUsedAt: t.LastUsedAt, LastUsedAddress: filled(t.LastUsedAddress),
	}
}
