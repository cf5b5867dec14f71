package httpapi

import (
	"context"
	"encoding/base64"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type twoFactorHandlers struct{ twoFactor ports.TwoFactor }

func (h twoFactorHandlers) GetTotp(ctx context.Context, _ api.GetTotpRequestObject) (api.GetTotpResponseObject, error) {
	s, err := h.twoFactor.TOTP(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetTotp200JSONResponse{State: api.TotpState(s.State), Required: s.Required, ConfirmedAt: s.ConfirmedAt, RecoveryCodes: s.RecoveryCodes}, nil
}

func (h twoFactorHandlers) StartTotp(ctx context.Context, _ api.StartTotpRequestObject) (api.StartTotpResponseObject, error) {
	e, err := h.twoFactor.StartTOTP(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.StartTotp201JSONResponse{
		Body: api.TotpEnrolment{
			Secret: e.Secret.Reveal(), OtpauthURI: e.URI.Reveal(),
			QrCode: "data:image/png;base64," + base64.StdEncoding.EncodeToString(e.QRCode),
		},
		Headers: api.StartTotp201ResponseHeaders{Location: apiPath(ctx, "/me/totp")},
	}, nil
}

func (h twoFactorHandlers) EnableTotp(ctx context.Context, r api.EnableTotpRequestObject) (api.EnableTotpResponseObject, error) {
	codes, err := h.twoFactor.EnableTOTP(ctx, actor(ctx), domain.Secret(r.Body.Code))
	if err != nil {
		return nil, err
	}
	return api.EnableTotp200JSONResponse{RecoveryCodes: each(codes, domain.Secret.Reveal)}, nil
}

func (h twoFactorHandlers) DisableTotp(ctx context.Context, _ api.DisableTotpRequestObject) (api.DisableTotpResponseObject, error) {
	if err := h.twoFactor.DisableTOTP(ctx, actor(ctx)); err != nil {
		return nil, err
	}
	return api.DisableTotp204Response{}, nil
}

func (h twoFactorHandlers) RotateRecoveryCodes(ctx context.Context, _ api.RotateRecoveryCodesRequestObject) (api.RotateRecoveryCodesResponseObject, error) {
	codes, err := h.twoFactor.RotateRecoveryCodes(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.RotateRecoveryCodes200JSONResponse{RecoveryCodes: each(codes, domain.Secret.Reveal)}, nil
}

func (h twoFactorHandlers) DisableUserTotp(ctx context.Context, r api.DisableUserTotpRequestObject) (api.DisableUserTotpResponseObject, error) {
	if err := h.twoFactor.DisableUserTOTP(ctx, actor(ctx), domain.UserID(r.UserID)); err != nil {
		return nil, err
	}
	return api.DisableUserTotp204Response{}, nil
}
