package auditlog_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/auditlog"
	"github.com/gradus-dev/gradus/internal/ports/mock"
)

func TestAuditEntries(t *testing.T) {
	t.Parallel()

	filter, request := domain.AuditFilter{Action: domain.ActBatchCreate}, domain.PageRequest{After: "x", Limit: 10}
	page := domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{{ActorName: "Ada"}}, Next: "y"}
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

			store, expected := mock.NewMockAuditStore(gomock.NewController(t)), domain.Page[domain.AuditEntry]{}
			if want == nil {
				expected = page
				store.EXPECT().ListAuditEntries(gomock.Any(), filter, request).Return(page, nil)
			}
			got, err := auditlog.New(store).AuditEntries(t.Context(), domain.Actor{UserID: domain.UserID{1}, Role: role}, filter, request)
			if diff := cmp.Diff(expected, got); diff != "" || !errors.Is(err, want) {
				t.Errorf("AuditEntries: error %v, want %v (-want +got):\n%s", err, want, diff)
			}
		})
	}
}
