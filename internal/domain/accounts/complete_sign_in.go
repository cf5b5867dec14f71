package accounts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// reasonWrongCode is why a sign-in is denied whose password was right.
const reasonWrongCode = "wrong_code"

// challenge returns a challenge for a user with a second factor, and nil for others. The unit of
// work has locked the user.
func (s *Sessions) challenge(ctx context.Context, user domain.UserID, d ports.Device) (*domain.PendingSignIn, error) {
	// A recovery code is accepted even if the secret cannot be opened.
	t, recoveryCodes, err := s.deps.TOTP.TOTP(ctx, user)
	if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
		return nil, fmt.Errorf("read TOTP: %w", err)
	}
	if !t.Enabled() {
		return nil, nil //nolint:nilnil // no challenge
	}
	pending := domain.PendingSignIn{
		Challenge: domain.NewSignInChallenge(user, d.UserAgent, d.Cookie, s.now()), Token: s.deps.NewToken(),
		Methods: []domain.SecondFactor{domain.SecondFactorTOTP},
	}
	if recoveryCodes > 0 {
		pending.Methods = append(pending.Methods, domain.SecondFactorRecoveryCode)
	}
	if err := s.deps.Challenges.AddSignInChallenge(ctx, pending.Challenge, tokenHash(pending.Token)); err != nil {
		return nil, fmt.Errorf("add challenge: %w", err)
	}
	return &pending, nil
}

// CompleteSignIn implements ports.Sessions. A wrong code is an error that the unit of work must
// not return, because it would roll back the count of wrong codes.
func (s *Sessions) CompleteSignIn(
	ctx context.Context, actor domain.Actor, challenge, typed domain.Secret, d ports.Device,
) (in domain.SignedIn, cookie bool, err error) {
	hash := tokenHash(challenge)
	found, err := s.validChallenge(ctx, challenge, hash, d)
	if err != nil {
		return domain.SignedIn{}, false, err
	}
	code, factor := domain.ParseOneTimeCode(typed)
	attempt, err := s.guessCode(ctx, found, factor, actor.Origin)
	if err != nil {
		return domain.SignedIn{}, false, err
	}
	var wrong error
	self := domain.Actor{UserID: found.User, Role: domain.RoleMember, Origin: actor.Origin} // the unit of work reads the role
	err = s.deps.UnitOfWork.Do(ctx, self, ports.Locks{User: found.User}, func(ctx context.Context, self domain.Actor) (domain.Change, error) {
		// Again: another request may have used it up.
		c, err := s.validChallenge(ctx, challenge, hash, d)
		if err != nil {
			return domain.NoChange, err
		}
		wrong = s.useCode(ctx, self.UserID, code, factor)
		switch {
		case errors.Is(wrong, domain.ErrOneTimeCodeWrong):
			return domain.NoChange, s.reject(ctx, c, hash)
		case wrong != nil:
			return domain.NoChange, wrong
		}
		if err := s.deps.Challenges.RemoveSignInChallenge(ctx, hash); err != nil {
			return domain.NoChange, fmt.Errorf("remove challenge: %w", err)
		}
		var change domain.Change
		d.Cookie = c.Cookie
		in, change, err = s.begin(ctx, self, d, map[string]any{"second_factor": factor})
		return change, err
	})
	if errors.Is(err, domain.ErrUnauthenticated) {
		err = domain.ErrSignInChallengeInvalid // suspended or deleted in the meantime
	}
	if err != nil || wrong == nil {
		attempt.right(ctx)
	}
	switch {
	case err != nil:
		return domain.SignedIn{}, false, err
	case wrong != nil:
		return domain.SignedIn{}, false, cmp.Or(s.recordDenial(ctx, actor, found.User, domain.EventSignInFailed, reasonWrongCode, d), wrong)
	}
	s.recordSignIn(ctx, in, actor.Origin)
	return in, found.Cookie, nil
}

// validChallenge returns the challenge with a token.
// Errors: ErrSignInChallengeInvalid.
func (s *Sessions) validChallenge(ctx context.Context, token domain.Secret, hash [sha256.Size]byte, d ports.Device) (domain.SignInChallenge, error) {
	if len(token) != tokenLength {
		return domain.SignInChallenge{}, domain.ErrSignInChallengeInvalid
	}
	c, err := s.deps.Challenges.SignInChallenge(ctx, hash)
	if err != nil {
		return domain.SignInChallenge{}, fmt.Errorf("find challenge: %w", err)
	}
	return c, c.Check(d.UserAgent, s.now())
}

// guessCode counts a code that may be wrong. Recovery codes do not count: nobody can guess them, and
// they are the way in for an owner whose codes somebody else guesses.
// Errors: ErrRateLimited.
func (s *Sessions) guessCode(ctx context.Context, c domain.SignInChallenge, factor domain.SecondFactor, from domain.Origin) (guess, error) {
	if factor == domain.SecondFactorRecoveryCode {
		return guess{}, nil
	}
	return s.guesses.begin(ctx, buckets("totp", string(c.User[:])), domain.SecurityEvent{User: c.User, Device: c.UserAgent, Origin: from})
}

// useCode uses up a code of the user's app or a recovery code.
// Errors: ErrOneTimeCodeWrong, ErrSignInChallengeInvalid if TOTP was disabled in the meantime.
func (s *Sessions) useCode(ctx context.Context, user domain.UserID, code domain.Secret, factor domain.SecondFactor) error {
	t, _, err := s.deps.TOTP.TOTP(ctx, user)
	if err != nil && (factor == domain.SecondFactorTOTP || !errors.Is(err, domain.ErrTokenUnreadable)) {
		return fmt.Errorf("read TOTP: %w", err)
	}
	if !t.Enabled() {
		return domain.ErrSignInChallengeInvalid
	}
	if factor == domain.SecondFactorRecoveryCode {
		used, err := s.deps.TOTP.UseRecoveryCode(ctx, user, tokenHash(code))
		if err == nil && !used {
			err = domain.ErrOneTimeCodeWrong
		}
		return err
	}
	step, ok := s.deps.Codes.Step(t.Secret, code, s.now())
	if !ok {
		return domain.ErrOneTimeCodeWrong
	}
	if err := t.Accept(step); err != nil {
		return err
	}
	// This also seals the secret with the current key.
	if err := s.deps.TOTP.SaveTOTP(ctx, t); err != nil {
		return fmt.Errorf("save TOTP: %w", err)
	}
	return nil
}

// reject counts a wrong code.
func (s *Sessions) reject(ctx context.Context, c domain.SignInChallenge, hash [sha256.Size]byte) error {
	if c.Reject() {
		return s.deps.Challenges.SaveWrongCodes(ctx, hash, c.WrongCodes)
	}
	return s.deps.Challenges.RemoveSignInChallenge(ctx, hash)
}
