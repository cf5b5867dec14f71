package accounts_test

import (
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestBootstrapAdmin(t *testing.T) {
	t.Parallel()

	registration := ports.Registration{Email: "ada@example.com", Name: "Ada", Password: password}
	boss := ada
	boss.Role = domain.RoleAdmin
	has := func(h harness, users ...domain.User) {
		h.users.EXPECT().ListUsers(gomock.Any(), domain.UserFilter{}, domain.PageRequest{Limit: 1}).Return(domain.Page[domain.User]{Items: users}, nil)
	}
	adds := func(h harness, err error) {
		h.hasher.EXPECT().Hash(outside(), password).Return("hash", nil)
		h.users.EXPECT().AddUser(inside(), boss, "hash").Return(err)
	}
	fault := errors.New("disk")

	tests := map[string]struct {
		actor   domain.Actor
		given   func(harness)
		created bool
		want    error
	}{
		"an admin is created if there are no users":         {actor: domain.System, given: func(h harness) { has(h); adds(h, nil) }, created: true},
		"nothing happens if there is a user":                {actor: domain.System, given: func(h harness) { has(h, ada) }},
		"another replica may create the admin first":        {actor: domain.System, given: func(h harness) { has(h); adds(h, domain.ErrEmailTaken) }},
		"an error is returned":                              {actor: domain.System, given: func(h harness) { has(h); adds(h, fault) }, want: fault},
		"an anonymous caller cannot create the first admin": {actor: anyone, given: func(harness) {}, want: domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			if err := h.BootstrapAdmin(t.Context(), tt.actor, registration); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if created := len(h.uow.Changes) > 0; created != tt.created {
				t.Errorf("changes %v", h.uow.Changes)
			}
		})
	}
}
