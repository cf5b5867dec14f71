package batches_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Writes ask the policy about the current actor: no mock expects a call.
func TestWrites_AskThePolicyAboutTheCurrentActor(t *testing.T) {
	t.Parallel()

	writes := map[string]func(context.Context, harness) error{
		"CreateBatch": func(ctx context.Context, h harness) error {
			_, err := h.CreateBatch(ctx, admin, domain.BatchUpdate{})
			return err
		},
		"UpdateBatch": func(ctx context.Context, h harness) error {
			_, err := h.UpdateBatch(ctx, admin, spring.ID, domain.BatchUpdate{}, nil)
			return err
		},
		"ArchiveBatch": func(ctx context.Context, h harness) error {
			_, err := h.ArchiveBatch(ctx, admin, spring.ID, nil)
			return err
		},
		"RestoreBatch": func(ctx context.Context, h harness) error {
			_, err := h.RestoreBatch(ctx, admin, spring.ID, nil)
			return err
		},
		"UpdateRegistrationKey": func(ctx context.Context, h harness) error {
			_, err := h.UpdateRegistrationKey(ctx, admin, spring.ID, domain.RegistrationKeyUpdate{}, nil)
			return err
		},
		"RotateRegistrationKey": func(ctx context.Context, h harness) error {
			_, err := h.RotateRegistrationKey(ctx, admin, spring.ID, nil)
			return err
		},
		"AssignInstructor": func(ctx context.Context, h harness) error {
			_, err := h.AssignInstructor(ctx, admin, spring.ID, grace.ID)
			return err
		},
		"RemoveInstructor": func(ctx context.Context, h harness) error {
			return h.RemoveInstructor(ctx, admin, spring.ID, grace.ID)
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.uow.Current = func(domain.Actor) (domain.Actor, error) { return visitor, nil }
			want := domain.ErrBatchNotFound
			if name == "CreateBatch" {
				want = domain.ErrForbidden
			}
			if err := write(t.Context(), h); !errors.Is(err, want) || len(h.uow.Changes) > 0 {
				t.Errorf("error %v, want %v; recorded %v", err, want, h.uow.Changes)
			}
		})
	}
}
