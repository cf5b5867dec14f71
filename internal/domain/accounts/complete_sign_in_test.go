package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// firefox is the device of the first step, which asked for a cookie.
var firefox = ports.Device{UserAgent: "Firefox", Cookie: true}

// withTOTP gives Ada TOTP, whose last code was that of the step before the last one, and a
// recovery code.
func (h harness) withTOTP() harness {
	h.factors.totp[ada.ID] = domain.TOTP{User: ada.ID, Secret: "secret", StartedAt: noon, ConfirmedAt: new(noon), LastStep: step - 2}
	h.factors.recovery[hashOf("AAAAAAAAAAAAAAAAAAAAAAAAA")] = ada.ID
	return h
}

// withChallenge gives Ada TOTP and a challenge with the token.
func (h harness) withChallenge() harness {
	h.factors.challenges[hashOf(token)] = domain.NewSignInChallenge(ada.ID, firefox.UserAgent, true, noon)
	return h.withTOTP()
}

func TestSignIn_ReturnsAChallengeForAnAccountWithTOTP(t *testing.T) {
	t.Parallel()
	for name, unreadable := range map[string]bool{"the secret can be opened": false, "the key of the secret is lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t).withTOTP()
			h.factors.unreadable = unreadable
			h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "hash", nil)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "hash", nil)
			h.hasher.EXPECT().Verify(outside(), password, "hash").Return(true, nil)
			got, err := h.SignIn(t.Context(), anyone, "ada@example.com", password, firefox)
			want := domain.SignIn{Pending: &domain.PendingSignIn{
				Challenge: domain.SignInChallenge{User: ada.ID, UserAgent: "Firefox", Cookie: true, ExpiresAt: noon.Add(5 * time.Minute)},
				Token:     token, Methods: []domain.SecondFactor{domain.SecondFactorTOTP, domain.SecondFactorRecoveryCode},
			}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("SignIn (-want +got): %v\n%s", err, diff)
			}
			if diff := cmp.Diff(want.Pending.Challenge, h.factors.challenges[hashOf(token)]); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if len(h.uow.Changes) > 0 || len(h.security.Events()) > 0 {
				t.Errorf("a sign-in that is not complete is recorded: %v %v", h.uow.Changes, h.security.Events())
			}
		})
	}
}

func TestSignIn_WithoutRecoveryCodesOffersTOTPAlone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withTOTP()
	clear(h.factors.recovery)
	h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "hash", nil)
	h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "hash", nil)
	h.hasher.EXPECT().Verify(outside(), password, "hash").Return(true, nil)
	got, err := h.SignIn(t.Context(), anyone, "ada@example.com", password, firefox)
	if err != nil || got.Pending == nil || len(got.Pending.Methods) != 1 {
		t.Errorf("SignIn = %+v, %v", got, err)
	}
}

func TestCompleteSignIn(t *testing.T) {
	t.Parallel()
	none := func(harness) {}
	tests := map[string]struct {
		given  func(harness)
		token  domain.Secret
		code   domain.Secret
		device ports.Device
		want   error
		factor domain.SecondFactor // that was used
	}{
		"the code of the app":                      {none, token, codeOf(step), firefox, nil, domain.SecondFactorTOTP},
		"the code of the step before":              {none, token, codeOf(step - 1), firefox, nil, domain.SecondFactorTOTP},
		"the code of the next step":                {none, token, codeOf(step + 1), firefox, nil, domain.SecondFactorTOTP},
		"a code with a space":                      {none, token, codeOf(step)[:3] + " " + codeOf(step)[3:], firefox, nil, domain.SecondFactorTOTP},
		"a recovery code":                          {none, token, recoveryCode(0), firefox, nil, domain.SecondFactorRecoveryCode},
		"a recovery code in lowercase":             {none, token, domain.Secret(strings.ToLower(recoveryCode(0).Reveal())), firefox, nil, domain.SecondFactorRecoveryCode},
		"a recovery code when the key is lost":     {func(h harness) { h.factors.unreadable = true }, token, recoveryCode(0), firefox, nil, domain.SecondFactorRecoveryCode},
		"a code when the key is lost":              {func(h harness) { h.factors.unreadable = true }, token, codeOf(step), firefox, domain.ErrTokenUnreadable, ""},
		"an older code":                            {none, token, codeOf(step - 2), firefox, domain.ErrOneTimeCodeWrong, ""},
		"a later code":                             {none, token, codeOf(step + 2), firefox, domain.ErrOneTimeCodeWrong, ""},
		"a code of the future that was used":       {func(h harness) { h.lastStep(step + 1) }, token, codeOf(step + 1), firefox, domain.ErrOneTimeCodeWrong, ""},
		"a code from before the last one":          {func(h harness) { h.lastStep(step) }, token, codeOf(step - 1), firefox, domain.ErrOneTimeCodeWrong, ""},
		"a recovery code that does not exist":      {none, token, recoveryCode(1), firefox, domain.ErrOneTimeCodeWrong, ""},
		"a recovery code of another user":          {func(h harness) { h.factors.recovery[hashOf("BBBBBBBBBBBBBBBBBBBBBBBBB")] = admin.UserID }, token, recoveryCode(1), firefox, domain.ErrOneTimeCodeWrong, ""},
		"no code":                                  {none, token, "", firefox, domain.ErrOneTimeCodeWrong, ""},
		"no challenge":                             {none, "", codeOf(step), firefox, domain.ErrSignInChallengeInvalid, ""},
		"an unknown challenge":                     {none, domain.Secret(strings.Repeat("x", len(token))), codeOf(step), firefox, domain.ErrSignInChallengeInvalid, ""},
		"a challenge that has expired":             {func(h harness) { h.expire(noon) }, token, codeOf(step), firefox, domain.ErrSignInChallengeInvalid, ""},
		"a challenge that is about to expire":      {func(h harness) { h.expire(noon.Add(time.Microsecond)) }, token, codeOf(step), firefox, nil, domain.SecondFactorTOTP},
		"the challenge of another device":          {none, token, codeOf(step), ports.Device{UserAgent: "curl"}, domain.ErrSignInChallengeInvalid, ""},
		"TOTP was disabled in the meantime":        {func(h harness) { delete(h.factors.totp, ada.ID) }, token, codeOf(step), firefox, domain.ErrSignInChallengeInvalid, ""},
		"the user was suspended in the meantime":   {func(h harness) { h.fails(domain.ErrUnauthenticated) }, token, codeOf(step), firefox, domain.ErrSignInChallengeInvalid, ""},
		"an unavailable database is no wrong code": {func(h harness) { h.fails(domain.ErrUnavailable) }, token, codeOf(step), firefox, domain.ErrUnavailable, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t).withChallenge()
			tt.given(h)
			if tt.want == nil {
				h.startsSession(t)
			}
			in, cookie, err := h.CompleteSignIn(t.Context(), anyone, tt.token, tt.code, tt.device)
			if !errors.Is(err, tt.want) {
				t.Fatalf("CompleteSignIn = %v, want %v", err, tt.want)
			}
			wrong := errors.Is(tt.want, domain.ErrOneTimeCodeWrong)
			var audit []domain.Change
			var events []domain.SecurityEvent
			switch {
			case tt.want == nil:
				audit = []domain.Change{{Action: domain.ActSessionStart, Subject: in.Session.ID.String(), Details: map[string]any{"device": "Firefox", "second_factor": tt.factor}}}
				events = []domain.SecurityEvent{{Kind: domain.EventSignIn, User: ada.ID, Device: "Firefox", Origin: origin}}
				if !cookie || in.Token != token || in.Me.ID != ada.ID {
					t.Errorf("CompleteSignIn = %+v, cookie %t", in, cookie)
				}
			case wrong:
				audit = []domain.Change{{Action: domain.ActSessionDeny, Subject: ada.ID.String(), Details: map[string]any{"device": "Firefox", "reason": "wrong_code"}}}
				events = []domain.SecurityEvent{{Kind: domain.EventSignInFailed, User: ada.ID, Device: "Firefox", Reason: "wrong_code", Origin: origin}}
			}
			if diff := cmp.Diff(audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(events, h.security.Events()); diff != "" {
				t.Errorf("security events (-want +got):\n%s", diff)
			}
			if left := h.factors.challenges[hashOf(token)]; left.User.IsZero() != (tt.want == nil) || left.WrongCodes == 1 != wrong {
				t.Errorf("the challenge is now %+v", left)
			}
		})
	}
}

// startsSession expects a session of Ada.
func (h harness) startsSession(t *testing.T) {
	t.Helper()
	h.sessions.EXPECT().AddSession(inside(), domain.Session{
		ID: domain.SessionID{1}, User: ada.ID, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(lifetime.Absolute), UserAgent: "Firefox", Address: origin.Address, AuthenticatedAt: noon,
	}, hashOf(token), 20).Return(nil, nil)
	h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)
}

// lastStep makes a step that of the last code.
func (h harness) lastStep(s int64) {
	t := h.factors.totp[ada.ID]
	t.LastStep = s
	h.factors.totp[ada.ID] = t
}

// expire makes the challenge expire.
func (h harness) expire(at time.Time) {
	c := h.factors.challenges[hashOf(token)]
	c.ExpiresAt = at
	h.factors.challenges[hashOf(token)] = c
}

// fails makes every unit of work fail.
func (h harness) fails(err error) {
	h.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, err }
}

func TestCompleteSignIn_EndsTheChallengeAfterFiveWrongCodes(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withChallenge()
	for range 5 {
		if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, codeOf(step+9), firefox); !errors.Is(err, domain.ErrOneTimeCodeWrong) {
			t.Fatal(err)
		}
	}
	if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, codeOf(step), firefox); !errors.Is(err, domain.ErrSignInChallengeInvalid) {
		t.Errorf("the right code after five wrong ones returned %v", err)
	}
}

func TestCompleteSignIn_UsesAChallengeAndACodeOnce(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]domain.Secret{"a code of the app": codeOf(step), "a recovery code": recoveryCode(0)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t).withChallenge()
			h.startsSession(t)
			if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, code, firefox); err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, codeOf(step+1), firefox); !errors.Is(err, domain.ErrSignInChallengeInvalid) {
				t.Errorf("the challenge again returned %v", err)
			}
			h.factors.challenges[hashOf(token)] = domain.NewSignInChallenge(ada.ID, firefox.UserAgent, true, noon)
			if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, code, firefox); !errors.Is(err, domain.ErrOneTimeCodeWrong) {
				t.Errorf("the code again returned %v", err)
			}
		})
	}
}

// Nobody can go on guessing with other challenges, for which they need the password alone.
func TestCompleteSignIn_LimitsWrongCodesPerAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withTOTP()
	guess := func(code domain.Secret) error {
		h.factors.challenges[hashOf(token)] = domain.NewSignInChallenge(ada.ID, firefox.UserAgent, true, noon)
		_, _, err := h.CompleteSignIn(t.Context(), anyone, token, code, firefox)
		return err
	}
	for range 10 {
		if err := guess(codeOf(step + 9)); !errors.Is(err, domain.ErrOneTimeCodeWrong) {
			t.Fatal(err)
		}
	}
	if err := guess(codeOf(step)); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("the right code after ten wrong ones returned %v", err)
	}
	if events := h.security.Events(); events[len(events)-1].Kind != domain.EventRateLimited || events[len(events)-1].User != ada.ID {
		t.Errorf("the last event is %+v", events[len(events)-1])
	}
	h.elapsed.Add(int64(time.Minute))
	h.startsSession(t)
	if err := guess(codeOf(step)); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	// The right code gave its guess back; a challenge that is not valid takes none.
	if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, codeOf(step), firefox); !errors.Is(err, domain.ErrSignInChallengeInvalid) {
		t.Errorf("no challenge: %v", err)
	}
	if err := guess(codeOf(step)); !errors.Is(err, domain.ErrOneTimeCodeWrong) {
		t.Errorf("the same code again: %v", err)
	}
	if err := guess(codeOf(step + 1)); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("after another wrong one: %v", err)
	}
}

func TestCompleteSignIn_AcceptsRecoveryCodesWhateverOthersGuess(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withTOTP()
	for range 20 {
		h.factors.challenges[hashOf(token)] = domain.NewSignInChallenge(ada.ID, firefox.UserAgent, true, noon)
		if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, codeOf(step+9), firefox); err == nil {
			t.Fatal("a wrong code is accepted")
		}
	}
	h.startsSession(t)
	if _, _, err := h.CompleteSignIn(t.Context(), anyone, token, recoveryCode(0), firefox); err != nil {
		t.Errorf("a recovery code returned %v", err)
	}
}
