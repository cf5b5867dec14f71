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
