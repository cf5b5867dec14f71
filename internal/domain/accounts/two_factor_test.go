package accounts_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

// withPending gives Ada an enrolment that is pending.
func (h harness) withPending() harness {
	h.factors.totp[ada.ID] = domain.TOTP{User: ada.ID, Secret: "secret", StartedAt: noon}
	return h
}

func TestTOTP_ReturnsItsState(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given func(harness) harness
		want  domain.TOTPStatus
	}{
		"off":                                 {func(h harness) harness { return h }, domain.TOTPStatus{State: domain.TOTPOff}},
		"pending":                             {harness.withPending, domain.TOTPStatus{State: domain.TOTPPending}},
		"on":                                  {harness.withTOTP, domain.TOTPStatus{State: domain.TOTPOn, ConfirmedAt: new(noon), RecoveryCodes: 1}},
		"on, with a secret that nobody opens": {func(h harness) harness { h.factors.unreadable = true; return h.withTOTP() }, domain.TOTPStatus{State: domain.TOTPOn, ConfirmedAt: new(noon), RecoveryCodes: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.given(newHarness(t)).TOTP(t.Context(), as(ada))
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("TOTP (-want +got): %v\n%s", err, diff)
			}
		})
	}
}

func TestTOTP_SaysWhetherTheRoleNeedsIt(t *testing.T) {
	t.Parallel()
	for role, want := range map[domain.Role]bool{domain.RoleMember: false, domain.RoleInstructor: true} {
		u := ada
		u.Role = role
		h := newHarness(t)
		got, err := h.TOTP(t.Context(), as(u))
		if err != nil || got.Required != want {
			t.Errorf("%s: %+v, %v", role, got, err)
		}
		for name, totp := range map[string]bool{"with TOTP": true, "without": false} {
			h.sessions.EXPECT().Session(gomock.Any(), hashOf(token)).Return(domain.Session{LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)}, u, domain.Actor{UserID: u.ID, Role: role, TOTP: totp}, nil)
			actor, err := h.Authenticate(t.Context(), token)
			if err != nil || actor.LacksTOTP != (want && !totp) {
				t.Errorf("%s %s: %+v, %v", role, name, actor, err)
			}
		}
	}
}

func TestStartTOTP(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given func(harness) harness
		want  error
	}{
		"starts an enrolment":             {func(h harness) harness { return h }, nil},
		"replaces one that is pending":    {harness.withPending, nil},
		"keeps an app that is in use":     {harness.withTOTP, domain.ErrTOTPAlreadyEnabled},
		"keeps it when its key is lost":   {func(h harness) harness { h.factors.unreadable = true; return h.withTOTP() }, domain.ErrTOTPAlreadyEnabled},
		"fails when the session is ended": {func(h harness) harness { h.fails(domain.ErrUnauthenticated); return h }, domain.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := tt.given(newHarness(t))
			before := h.factors.totp[ada.ID]
			h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
			got, err := h.StartTOTP(t.Context(), as(ada))
			if !errors.Is(err, tt.want) {
				t.Fatalf("StartTOTP = %v, want %v", err, tt.want)
			}
			want := domain.NewTOTP(ada.ID, "secret of ada@example.com", noon)
			if tt.want != nil {
				want = before
			} else if got.Secret != want.Secret || h.uow.Changes[0].Action != domain.ActTOTPStart {
				t.Errorf("returned %+v, audit %+v", got, h.uow.Changes)
			}
			if diff := cmp.Diff(want, h.factors.totp[ada.ID]); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnableTOTP(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given func(harness) harness
		code  domain.Secret
		want  error
	}{
		"the right code":               {harness.withPending, codeOf(step), nil},
		"the code of the step before":  {harness.withPending, codeOf(step - 1), nil},
		"a wrong code":                 {harness.withPending, codeOf(step + 2), domain.ErrOneTimeCodeWrong},
		"a recovery code":              {harness.withPending, recoveryCode(0), domain.ErrOneTimeCodeWrong},
		"a secret that nobody opens":   {func(h harness) harness { h.factors.unreadable = true; return h.withPending() }, codeOf(step), domain.ErrOneTimeCodeWrong},
		"no enrolment":                 {func(h harness) harness { return h }, codeOf(step), domain.ErrTOTPNotPending},
		"an enrolment that is done":    {harness.withTOTP, codeOf(step), domain.ErrTOTPNotPending},
		"a session that ended already": {func(h harness) harness { h.fails(domain.ErrUnauthenticated); return h.withPending() }, codeOf(step), domain.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := tt.given(newHarness(t))
			if tt.want == nil {
				h.active.EXPECT().RemoveOtherSessions(inside(), ada.ID, as(ada).SessionID).Return(2, nil)
				h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil)
			}
			codes, err := h.EnableTOTP(t.Context(), as(ada), tt.code)
			if !errors.Is(err, tt.want) {
				t.Fatalf("EnableTOTP = %v, want %v", err, tt.want)
			}
			if tt.want != nil {
				return
			}
			if len(codes) != 10 || len(h.factors.recovery) != 10 || codes[0] != recoveryCode(0) || h.factors.recovery[hashOf("AAAAAAAAAAAAAAAAAAAAAAAAA")] != ada.ID {
				t.Errorf("recovery codes %q, stored %v", codes, h.factors.recovery)
			}
			if mails := h.mails.Mails(); len(mails) != 1 || mails[0] != domain.Notice(domain.MailTOTPEnabled, ada, origin, noon) {
				t.Errorf("mails: %+v", mails)
			}
			stored := h.factors.totp[ada.ID]
			if !stored.Enabled() || tt.code != codeOf(stored.LastStep) {
				t.Errorf("stored %+v", stored)
			}
			want := []domain.Change{{Action: domain.ActTOTPEnable, Subject: ada.ID.String(), Details: map[string]any{"sessions_ended": 2}}}
			if diff := cmp.Diff(want, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDisableTOTP(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given   func(harness) harness
		changes bool
	}{
		"an app in use":                 {harness.withTOTP, true},
		"a pending enrolment":           {harness.withPending, true},
		"without one, nothing happens":  {func(h harness) harness { return h }, false},
		"one whose secret nobody opens": {func(h harness) harness { h.factors.unreadable = true; return h.withTOTP() }, true},
	} {
		for by, do := range map[string]struct {
			call   func(context.Context, harness) error
			expect func(harness)
			action domain.Action
		}{
			"by the user": {
				func(ctx context.Context, h harness) error {
					h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil).AnyTimes()
					return h.TwoFactor.DisableTOTP(ctx, as(ada))
				},
				func(h harness) {
					h.active.EXPECT().RemoveOtherSessions(inside(), ada.ID, as(ada).SessionID).Return(1, nil)
				},
				domain.ActTOTPDisable,
			},
			"by an admin": {
				func(ctx context.Context, h harness) error {
					h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil)
					return h.DisableUserTOTP(ctx, admin, ada.ID)
				},
				func(h harness) { h.active.EXPECT().RemoveSessions(inside(), ada.ID).Return(1, nil) },
				domain.ActUserDisableTOTP,
			},
			"by the operator": {
				func(ctx context.Context, h harness) error {
					h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "hash", nil)
					u, found, err := h.Operator.DisableTOTP(ctx, domain.System, "Ada@example.com")
					if u != ada || found != tt.changes {
						return errors.New("another user, or found is wrong")
					}
					return err
				},
				func(h harness) { h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(1, nil) },
				domain.ActUserDisableTOTP,
			},
		} {
			t.Run(name+" "+by, func(t *testing.T) {
				t.Parallel()
				h := tt.given(newHarness(t))
				var want []domain.Change
				if tt.changes {
					do.expect(h)
					want = []domain.Change{{Action: do.action, Subject: ada.ID.String(), Details: map[string]any{"sessions_ended": 1}}}
				}
				enabled := h.factors.totp[ada.ID].Enabled()
				if err := do.call(t.Context(), h); err != nil {
					t.Fatal(err)
				}
				if mails := h.mails.Mails(); (len(mails) == 1) != enabled || enabled && (mails[0].Kind != domain.MailTOTPDisabled || mails[0].To != ada.Email) {
					t.Errorf("mails: %+v", mails)
				}
				if diff := cmp.Diff(want, h.uow.Changes); diff != "" {
					t.Errorf("audit (-want +got):\n%s", diff)
				}
				if len(h.factors.totp)+len(h.factors.recovery) > 0 {
					t.Errorf("left: %v %v", h.factors.totp, h.factors.recovery)
				}
			})
		}
	}
}

func TestDisableTOTP_OfOthersIsForAdminsAndOperators(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withTOTP()
	if err := h.DisableUserTOTP(t.Context(), as(ada), ada.ID); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("by the user: %v", err)
	}
	if _, _, err := h.Operator.DisableTOTP(t.Context(), as(ada), "ada@example.com"); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("by the user, as the operator: %v", err)
	}
	h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
	if err := h.DisableUserTOTP(t.Context(), admin, ada.ID); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
	if !h.factors.totp[ada.ID].Enabled() {
		t.Error("TOTP is disabled")
	}
}

func TestRotateRecoveryCodes(t *testing.T) {
	t.Parallel()
	h := newHarness(t).withTOTP()
	h.factors.keys = 5
	h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil)
	codes, err := h.RotateRecoveryCodes(t.Context(), as(ada))
	if mails := h.mails.Mails(); len(mails) != 1 || mails[0].Kind != domain.MailRecoveryCodesRotated {
		t.Errorf("mails: %+v", mails)
	}
	if err != nil || len(codes) != 10 || slices.Contains(codes, recoveryCode(0)) {
		t.Fatalf("RotateRecoveryCodes = %q, %v", codes, err)
	}
	if _, ok := h.factors.recovery[hashOf("AAAAAAAAAAAAAAAAAAAAAAAAA")]; ok || len(h.factors.recovery) != 10 {
		t.Errorf("stored %v", h.factors.recovery)
	}
	if want := []domain.Change{{Action: domain.ActRecoveryCodesRotate, Subject: ada.ID.String()}}; !cmp.Equal(want, h.uow.Changes) {
		t.Errorf("audit %+v", h.uow.Changes)
	}
	for name, given := range map[string]func(harness) harness{"off": func(h harness) harness { return h }, "pending": harness.withPending} {
		if _, err := given(newHarness(t)).RotateRecoveryCodes(t.Context(), as(ada)); !errors.Is(err, domain.ErrTOTPNotEnabled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
