package httpapi

import (
	"context"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type confirmationsHandlers struct{ confirmations ports.Confirmations }

func (h confirmationsHandlers) RequestPasswordReset(
	ctx context.Context, r api.RequestPasswordResetRequestObject,
) (api.RequestPasswordResetResponseObject, error) {
	requested, err := h.confirmations.RequestPasswordReset(ctx, actor(ctx), r.Body.Email, device(ctx, nil))
	if err != nil {
		return nil, err
	}
	return api.RequestPasswordReset202JSONResponse(pendingJSON(requested)), nil
}

func pendingJSON(r domain.ConfirmationRequest) api.PendingConfirmation {
	return api.PendingConfirmation{Email: string(r.Email), ExpiresAt: r.ExpiresAt()}
}

func (h confirmationsHandlers) ConfirmPasswordReset(
	ctx context.Context, r api.ConfirmPasswordResetRequestObject,
) (api.ConfirmPasswordResetResponseObject, error) {
	if err := h.confirmations.ConfirmPasswordReset(ctx, actor(ctx), domain.Secret(r.Body.Token), domain.Secret(r.Body.Password)); err != nil {
		return nil, err
	}
	return api.ConfirmPasswordReset204Response{}, nil
}

func (h confirmationsHandlers) RequestEmailChange(
	ctx context.Context, r api.RequestEmailChangeRequestObject,
) (api.RequestEmailChangeResponseObject, error) {
	requested, err := h.confirmations.RequestEmailChange(ctx, actor(ctx), r.Body.Email, device(ctx, nil))
	if err != nil {
		return nil, err
	}
	return api.RequestEmailChange202JSONResponse(pendingJSON(requested)), nil
}

func (h confirmationsHandlers) ConfirmEmailChange(
	ctx context.Context, r api.ConfirmEmailChangeRequestObject,
) (api.ConfirmEmailChangeResponseObject, error) {
	if err := h.confirmations.ConfirmEmailChange(ctx, actor(ctx), domain.Secret(r.Body.Token)); err != nil {
		return nil, err
	}
	return api.ConfirmEmailChange204Response{}, nil
}

func (h confirmationsHandlers) UndoEmailChange(
	ctx context.Context, r api.UndoEmailChangeRequestObject,
) (api.UndoEmailChangeResponseObject, error) {
	if err := h.confirmations.UndoEmailChange(ctx, actor(ctx), domain.Secret(r.Body.Token)); err != nil {
		return nil, err
	}
	return api.UndoEmailChange204Response{}, nil
}
