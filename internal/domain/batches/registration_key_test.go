package batches_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestRegistrationKey(t *testing.T) {
	t.Parallel()

	key := domain.RegistrationKey{Batch: spring.ID, Key: "STORED", Enabled: true, Taken: 3}
	for name, actor := range map[string]domain.Actor{"an admin": admin, "an instructor of the batch": teacher} {
		t.Run(name+" can get the key", func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.keys.EXPECT().RegistrationKey(gomock.Any(), spring.ID).Return(key, nil)
			if got, err := h.RegistrationKey(t.Context(), actor, spring.ID); got != key || err != nil {
				t.Errorf("RegistrationKey = %+v, %v", got, err)
			}
		})
	}
}

func TestUpdateAndRotateRegistrationKey(t *testing.T) {
	t.Parallel()

	key := domain.RegistrationKey{Batch: spring.ID, Key: "STORED", Enabled: true, Taken: 3, Seats: new(10), RotatedAt: noon.Add(-time.Hour), Version: 7}
	limited, rotated := key, key
	limited.Enabled, limited.ExpiresAt, limited.Seats = false, new(noon), nil
	rotated.Key, rotated.RotatedAt = "FRESH", noon
	limited.Version, rotated.Version = 8, 8

	update := func(u domain.RegistrationKeyUpdate) func(*testing.T, harness, domain.Actor) (domain.RegistrationKey, error) {
		return func(t *testing.T, h harness, a domain.Actor) (domain.RegistrationKey, error) {
			t.Helper()
			return h.UpdateRegistrationKey(t.Context(), a, spring.ID, u, nil)
		}
	}
	rotate := func(t *testing.T, h harness, a domain.Actor) (domain.RegistrationKey, error) {
		t.Helper()
		return h.RotateRegistrationKey(t.Context(), a, spring.ID, nil)
	}
	limits := domain.RegistrationKeyUpdate{Enabled: new(false), ExpiresAt: new(new(noon)), Seats: new((*int)(nil))}
	locks := func(h harness) *gomock.Call {
		return h.keys.EXPECT().LockRegistrationKey(inside(), spring.ID).Return(key, nil).Call
	}
	saves := func(h harness, want domain.RegistrationKey, err error) *gomock.Call {
		return h.keys.EXPECT().SaveRegistrationKey(inside(), gomock.Cond(func(k domain.RegistrationKey) bool { return cmp.Equal(k, want) })).Return(err).Call
	}

	tests := map[string]struct {
		actor domain.Actor
		call  func(*testing.T, harness, domain.Actor) (domain.RegistrationKey, error)
		given func(harness)
		key   domain.RegistrationKey
		want  error
		audit []domain.Change
	}{
		"an instructor can limit the key": {
			actor: teacher, call: update(limits),
			given: func(h harness) { gomock.InOrder(locks(h), saves(h, limited, nil)) },
			key:   limited,
			audit: []domain.Change{{
				Action: domain.ActRegistrationKeyUpdate, Subject: spring.ID.String(),
				Details: map[string]any{
					"enabled":    map[string]any{"from": true, "to": false},
					"expires_at": map[string]any{"from": nil, "to": "2026-03-14T12:00:00Z"},
					"seats":      map[string]any{"from": 10, "to": nil},
				},
			}},
		},
		"an unchanged value is neither saved nor recorded": {
			actor: admin, call: update(domain.RegistrationKeyUpdate{Enabled: new(true)}),
			given: func(h harness) { locks(h) },
			key:   key,
		},
		"0 seats are rejected": {
			actor: admin, call: update(domain.RegistrationKeyUpdate{Seats: new(new(0))}),
			given: func(h harness) { locks(h) },
			want:  domain.ErrInvalid,
		},
		"an instructor can rotate the key, and neither key is recorded": {
			actor: teacher, call: rotate,
			given: func(h harness) { gomock.InOrder(locks(h), saves(h, rotated, nil)) },
			key:   rotated,
			audit: []domain.Change{{Action: domain.ActRegistrationKeyRotate, Subject: spring.ID.String(), Details: map[string]any{}}},
		},
		"an unknown batch is rejected": {
			actor: admin, call: rotate,
			given: func(h harness) {
				h.keys.EXPECT().LockRegistrationKey(inside(), spring.ID).Return(domain.RegistrationKey{}, domain.ErrBatchNotFound)
			},
			want: domain.ErrBatchNotFound,
		},
		"an error of saving is returned": {
			actor: admin, call: rotate,
			given: func(h harness) { locks(h); saves(h, rotated, errDisk) },
			want:  errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := tt.call(t, h, tt.actor)

			if diff := cmp.Diff(tt.key, got); diff != "" || got.Key.Reveal() != tt.key.Key.Reveal() || !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if log := fmt.Sprintf("%#v", h.uow.Changes); strings.Contains(log, "STORED") || strings.Contains(log, "FRESH") {
				t.Errorf("the audit log contains the key: %s", log)
			}
		})
	}
}

// If the operator has lost the encryption key, a registration key can be rotated but not
// updated.
func TestUpdateAndRotateRegistrationKey_Unreadable(t *testing.T) {
	t.Parallel()

	stored := domain.RegistrationKey{Batch: spring.ID, Enabled: true, Taken: 3}
	h := newHarness(t)
	h.keys.EXPECT().LockRegistrationKey(inside(), spring.ID).Return(stored, domain.ErrTokenUnreadable).Times(2)
	h.keys.EXPECT().SaveRegistrationKey(inside(), gomock.Any()).Return(nil)

	if got, err := h.RotateRegistrationKey(t.Context(), admin, spring.ID, nil); err != nil || got.Key != "FRESH" {
		t.Errorf("RotateRegistrationKey = %+v, %v", got, err)
	}
	if _, err := h.UpdateRegistrationKey(t.Context(), admin, spring.ID, domain.RegistrationKeyUpdate{Enabled: new(false)}, nil); !errors.Is(err, domain.ErrTokenUnreadable) {
		t.Errorf("UpdateRegistrationKey: %v", err)
	}
}
