package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=api_tokens.go -destination=mock/api_tokens.go -package=mock

// APITokens is a driving interface: tokens with which programs act as their user.
type APITokens interface {
	// CreateAPIToken creates a token of the actor, who is told by mail.
	// Errors: ErrInvalid, ErrReauthenticationRequired, ErrTooManyAPITokens.
	CreateAPIToken(ctx context.Context, actor domain.Actor, n NewAPIToken) (domain.CreatedAPIToken, error)
	// MyAPITokens lists the actor's tokens, the newest first, with those that ended lately.
	// Errors: ErrInvalidCursor.
	MyAPITokens(ctx context.Context, actor domain.Actor, page domain.PageRequest) (domain.Page[domain.APIToken], error)
	// RevokeMyAPIToken revokes one of the actor's tokens. It does nothing if it was revoked before.
	// Errors: ErrAPITokenNotFound.
	RevokeMyAPIToken(ctx context.Context, actor domain.Actor, id domain.APITokenID) error
	// AllAPITokens lists the tokens of all users, the newest first, with those that ended lately.
	// Errors: ErrForbidden, ErrInvalidCursor.
	AllAPITokens(ctx context.Context, actor domain.Actor, f domain.APITokenFilter, page domain.PageRequest) (domain.Page[domain.APIToken], error)
	// RevokeAPIToken revokes the token of any user. It does nothing if it was revoked before.
	// Errors: ErrForbidden, ErrAPITokenNotFound.
	RevokeAPIToken(ctx context.Context, actor domain.Actor, id domain.APITokenID) error
	// AuthenticateToken returns the user of an API token. It records the use of tokens that have
	// ended as a security event.
	// Errors: ErrAPITokenInvalid.
	AuthenticateToken(ctx context.Context, token domain.Secret, d Device, from domain.Origin) (domain.Actor, error)
}

// NewAPIToken is the request for an API token.
type NewAPIToken struct {
	Name   string
	Scopes []domain.APIScope
	Days   int // until it expires
}

// APITokenCleaner is a driving interface: the background job that removes old API tokens.
type APITokenCleaner interface {
	// RemoveOldAPITokens removes the tokens that ended longer ago than
	// domain.APITokenRetention and returns how many.
	// Errors: none.
	RemoveOldAPITokens(ctx context.Context) (int, error)
}

// APITokenStore is a driven interface: it stores API tokens under their hash, never the token
// itself.
type APITokenStore interface {
	// AddAPIToken stores a token under its hash. The unit of work must have locked its user.
	// Errors: none.
	AddAPIToken(ctx context.Context, t domain.APIToken, hash [32]byte) error
	// CountAPITokens returns how many tokens of a user work at now. The unit of work must have
	// locked the user.
	// Errors: none.
	CountAPITokens(ctx context.Context, user domain.UserID, now time.Time) (int, error)
	// APIToken returns one token.
	// Errors: ErrAPITokenNotFound.
	APIToken(ctx context.Context, id domain.APITokenID) (domain.APIToken, error)
	// ListAPITokens lists tokens, the newest first.
	// Errors: ErrInvalidCursor.
	ListAPITokens(ctx context.Context, f domain.APITokenFilter, page domain.PageRequest) (domain.Page[domain.APIToken], error)
	// RevokeAPIToken revokes a token of a user at now and reports whether it worked until then. The
	// unit of work must have locked the user.
	// Errors: ErrAPITokenNotFound.
	RevokeAPIToken(ctx context.Context, user domain.UserID, id domain.APITokenID, now time.Time) (revoked bool, err error)
	// UseAPIToken returns a token with its user and their actor, in at most one round trip. They can
	// be as old as a second, but not older than the last unit of work of this process that locked
	// the user. It records the time and the address of the use about once a minute, unless the
	// token has ended.
	// Errors: ErrAPITokenInvalid.
	UseAPIToken(ctx context.Context, hash [32]byte, address string) (domain.APIToken, domain.User, domain.Actor, error)
	// RemoveAPITokens removes the tokens that expired or were revoked before a time and returns
	// how many.
	// Errors: none.
	RemoveAPITokens(ctx context.Context, before time.Time) (int, error)
}

// APITokenRevoker is a driven interface: it revokes the API tokens of users who lose access.
type APITokenRevoker interface {
	// RevokeAPITokens revokes all tokens of a user that work at now and returns how many. The unit
	// of work must have locked the user.
	// Errors: none.
	RevokeAPITokens(ctx context.Context, user domain.UserID, now time.Time) (int, error)
}
