package insights_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/insights"
	"github.com/gradus-dev/gradus/internal/ports/mock"
)

func TestDashboard(t *testing.T) {
	t.Parallel()

	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	dashboard := domain.Dashboard{At: noon, ActiveBatches: 2}
	tests := map[domain.Role]error{
		domain.RoleAdmin:      nil,
		domain.RoleInstructor: domain.ErrForbidden,
		domain.RoleStudent:    domain.ErrForbidden,
		domain.RoleMember:     domain.ErrForbidden,
		domain.RoleAnyone:     domain.ErrForbidden,
	}
	for role, want := range tests {
		t.Run("by a "+string(role), func(t *testing.T) {
			t.Parallel()

			store, expected := mock.NewMockDashboardStore(gomock.NewController(t)), domain.Dashboard{}
			if want == nil {
				expected = dashboard
				store.EXPECT().Dashboard(gomock.Any(), noon).Return(dashboard, nil)
			}
			got, err := insights.New(store, func() time.Time { return noon }).
				Dashboard(t.Context(), domain.Actor{UserID: domain.UserID{1}, Role: role})
			if diff := cmp.Diff(expected, got); diff != "" || !errors.Is(err, want) {
				t.Errorf("Dashboard: error %v, want %v (-want +got):\n%s", err, want, diff)
			}
		})
	}
}
