package accounts_test

import (
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Passwords of older programs were hashed as they were sent.
func TestSignIn_NormalizesPasswords(t *testing.T) {
	t.Parallel()

	const sent, normal = domain.Secret("se\u0301ven blue\u00a0otters"), domain.Secret("s\u00e9ven blue otters")
	tests := map[string]struct {
		given func(harness)
		want  error
	}{
		"the hash of the normal form matches": {
			given: func(h harness) { h.hasher.EXPECT().Verify(outside(), normal, "hash").Return(true, nil) },
		},
		"the hash of the form that was sent matches, and is replaced": {
			given: func(h harness) {
				gomock.InOrder(
					h.hasher.EXPECT().Verify(outside(), normal, "hash").Return(false, nil).Call,
					h.hasher.EXPECT().Verify(outside(), sent, "hash").Return(true, nil).Call,
					h.hasher.EXPECT().Hash(outside(), normal).Return("new hash", nil).Call,
					h.hashes.EXPECT().ReplacePasswordHash(inside(), ada.ID, "hash", "new hash").Return(nil).Call,
				)
			},
		},
		"a wrong password costs both": {
			given: func(h harness) {
				gomock.InOrder(
					h.hasher.EXPECT().Verify(outside(), normal, "hash").Return(false, nil).Call,
					h.hasher.EXPECT().Verify(outside(), sent, "hash").Return(false, nil).Call,
				)
			},
			want: domain.ErrInvalidCredentials,
		},
		"a busy hasher is reported": {
			given: func(h harness) {
				h.hasher.EXPECT().Verify(outside(), normal, "hash").Return(false, nil)
				h.hasher.EXPECT().Verify(outside(), sent, "hash").Return(true, nil)
				h.hasher.EXPECT().Hash(outside(), normal).Return("", domain.ErrBusy)
			},
			want: domain.ErrBusy,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.users.EXPECT().UserByEmail(outside(), domain.Email("ada@example.com")).Return(ada, "hash", nil)
			tt.given(h)
			if tt.want == nil {
				h.users.EXPECT().UserByEmail(inside(), domain.Email("ada@example.com")).Return(ada, "hash", nil)
				h.sessions.EXPECT().AddSession(inside(), gomock.Any(), hashOf(token), 20).Return(nil, nil)
				h.refresh.EXPECT().SaveTokenFamily(inside(), gomock.Any(), firstFamily).Return(nil)
				h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)
			}
			if _, err := h.SignIn(t.Context(), anyone, "ada@example.com", sent, ports.Device{UserAgent: "Firefox"}); !errors.Is(err, tt.want) {
				t.Errorf("SignIn: error %v, want %v", err, tt.want)
			}
		})
	}
	t.Run("an unknown address costs both", func(t *testing.T) {
		t.Parallel()

		h := newHarness(t)
		h.users.EXPECT().UserByEmail(outside(), domain.Email("eve@example.com")).Return(domain.User{}, "", domain.ErrUserNotFound)
		h.hasher.EXPECT().Verify(outside(), normal, "").Return(false, nil)
		h.hasher.EXPECT().Verify(outside(), sent, "").Return(false, nil)
		if _, err := h.SignIn(t.Context(), anyone, "eve@example.com", sent, ports.Device{UserAgent: "Firefox"}); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("SignIn: error %v", err)
		}
	})
}
