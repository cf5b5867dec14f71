package batches_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

var (
	grace   = domain.User{ID: domain.UserID{3}, Name: "Grace", Email: "grace@example.com", Role: domain.RoleInstructor}
	asStaff = domain.Instructor{User: grace.ID, Name: "Grace", Email: "grace@example.com", AssignedAt: noon}
)

func TestInstructors(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		actor domain.Actor
		given func(harness)
		list  []domain.Instructor
		want  error
	}{
		"an instructor can list the instructors of their batch": {
			actor: teacher,
			given: func(h harness) {
				h.instructors.EXPECT().ListInstructors(gomock.Any(), spring.ID).Return([]domain.Instructor{asStaff}, nil)
			},
			list: []domain.Instructor{asStaff},
		},
		"an unknown batch is rejected, even for an admin": {
			actor: admin,
			given: func(h harness) {
				h.instructors.EXPECT().ListInstructors(gomock.Any(), spring.ID).Return(nil, domain.ErrBatchNotFound)
			},
			want: domain.ErrBatchNotFound,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.Instructors(t.Context(), tt.actor, spring.ID)
			if diff := cmp.Diff(tt.list, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("Instructors: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
		})
	}
}

func TestAssignInstructor(t *testing.T) {
	t.Parallel()

	earlier := asStaff
	earlier.AssignedAt = noon.Add(-time.Hour)
	finds := func(h harness) *gomock.Call {
		return h.batches.EXPECT().Batch(inside(), spring.ID).Return(spring, nil).Call
	}
	locks := func(h harness, u domain.User, err error) *gomock.Call {
		return h.users.EXPECT().LockedUser(inside(), grace.ID).Return(u, err).Call
	}
	adds := func(h harness, added bool, err error) *gomock.Call {
		return h.instructors.EXPECT().AddInstructor(inside(), spring.ID, asStaff).Return(added, err).Call
	}
	lists := func(h harness, list []domain.Instructor, err error) {
		h.instructors.EXPECT().ListInstructors(inside(), spring.ID).Return(list, err)
	}

	tests := map[string]struct {
		given      func(harness)
		instructor domain.Instructor
		want       error
		audit      []domain.Change
	}{
		"the user is locked before they are assigned": {
			given:      func(h harness) { gomock.InOrder(finds(h), locks(h, grace, nil), adds(h, true, nil)) },
			instructor: asStaff,
			audit: []domain.Change{{
				Action: domain.ActBatchAssignInstructor, Subject: spring.ID.String(), Details: map[string]any{"user_id": grace.ID.String()},
			}},
		},
		"a second assignment changes nothing": {
			given: func(h harness) {
				finds(h)
				locks(h, grace, nil)
				adds(h, false, nil)
				lists(h, []domain.Instructor{{User: domain.UserID{9}}, earlier}, nil)
			},
			instructor: earlier,
		},
		"a user with another role is rejected": {
			given: func(h harness) { finds(h); locks(h, domain.User{ID: grace.ID, Role: domain.RoleAdmin}, nil) },
			want:  domain.ErrNotAnInstructor,
		},
		"an unknown user is rejected": {
			given: func(h harness) { finds(h); locks(h, domain.User{}, domain.ErrUserNotFound) },
			want:  domain.ErrUserNotFound,
		},
		"an unknown batch is rejected": {
			given: func(h harness) {
				h.batches.EXPECT().Batch(inside(), spring.ID).Return(domain.Batch{}, domain.ErrBatchNotFound)
			},
			want: domain.ErrBatchNotFound,
		},
		"an error of saving is returned": {
			given: func(h harness) { finds(h); locks(h, grace, nil); adds(h, false, errDisk) },
			want:  errDisk,
		},
		"an error of reading is returned": {
			given: func(h harness) { finds(h); locks(h, grace, nil); adds(h, false, nil); lists(h, nil, errDisk) },
			want:  errDisk,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.AssignInstructor(t.Context(), admin, spring.ID, grace.ID)
			if !errors.Is(err, tt.want) || tt.want == nil && got != tt.instructor {
				t.Errorf("AssignInstructor = %+v, %v; want %+v, %v", got, err, tt.instructor, tt.want)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRemoveInstructor(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		found, removed error
		want           error
		audit          []domain.Change
	}{
		"an assignment is removed": {
			audit: []domain.Change{{
				Action: domain.ActBatchRemoveInstructor, Subject: spring.ID.String(), Details: map[string]any{"user_id": grace.ID.String()},
			}},
		},
		"a user who is not assigned is rejected": {removed: domain.ErrInstructorNotFound, want: domain.ErrInstructorNotFound},
		"an unknown batch is rejected":           {found: domain.ErrBatchNotFound, want: domain.ErrBatchNotFound},
		"an error of removing is returned":       {removed: errDisk, want: errDisk},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			h.batches.EXPECT().Batch(inside(), spring.ID).Return(spring, tt.found)
			if tt.found == nil {
				h.instructors.EXPECT().RemoveInstructor(inside(), spring.ID, grace.ID).Return(tt.removed)
			}
			if err := h.RemoveInstructor(t.Context(), admin, spring.ID, grace.ID); !errors.Is(err, tt.want) {
				t.Errorf("RemoveInstructor: %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}
