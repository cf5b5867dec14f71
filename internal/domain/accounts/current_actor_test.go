package accounts_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Writes ask the policy about the current actor: no mock expects a call.
func TestWrites_AskThePolicyAboutTheCurrentActor(t *testing.T) {
	t.Parallel()

	grace := domain.Actor{UserID: domain.UserID{7}, Role: domain.RoleAdmin}
	writes := map[string]func(context.Context, harness) error{
		"ChangeRole": func(ctx context.Context, h harness) error {
			_, err := h.ChangeRole(ctx, grace, ada.ID, domain.RoleAdmin, nil)
			return err
		},
		"Suspend": func(ctx context.Context, h harness) error {
			_, err := h.Suspend(ctx, grace, ada.ID, nil)
			return err
		},
		"Reinstate": func(ctx context.Context, h harness) error {
			_, err := h.Reinstate(ctx, grace, ada.ID, nil)
			return err
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.uow.Current = func(a domain.Actor) (domain.Actor, error) {
				a.Role = domain.RoleInstructor
				return a, nil
			}
			if err := write(t.Context(), h); !errors.Is(err, domain.ErrForbidden) || len(h.uow.Changes) > 0 {
				t.Errorf("error %v; recorded %v", err, h.uow.Changes)
			}
		})
	}
}
