package tracking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// StudentConnections implements ports.StudentConnections.
type StudentConnections struct {
	disconnector
	accounts ports.AccountStore
	days     ports.DayStore
	now      ports.Clock
}

var _ ports.StudentConnections = (*StudentConnections)(nil)

// NewStudentConnections returns StudentConnections.
func NewStudentConnections(
	uow ports.UnitOfWork, connections ports.ConnectionStore, accounts ports.AccountStore, days ports.DayStore,
	wakatime ports.WakaTime, now ports.Clock,
) *StudentConnections {
	return &StudentConnections{
		disconnector: disconnector{uow, connections, wakatime}, accounts: accounts, days: days, now: now,
	}
}

// DisconnectStudent implements ports.StudentConnections.
func (s *StudentConnections) DisconnectStudent(ctx context.Context, actor domain.Actor, user domain.UserID) (domain.Revocation, error) {
	may := func(ctx context.Context, actor domain.Actor) error {
		return s.may(ctx, actor, domain.ActWakaTimeDisconnectUser, user)
	}
	return s.disconnect(ctx, actor, may, user, nil)
}

// StudentAccounts implements ports.StudentConnections.
func (s *StudentConnections) StudentAccounts(ctx context.Context, actor domain.Actor, user domain.UserID) ([]domain.TrackedAccount, error) {
	subject, list, err := s.accounts.ListAccounts(ctx, user)
	if err := mayRead(actor, subject, err); err != nil {
		return nil, err
	}
	if err := actor.May(domain.ActWakaTimeListAccounts, subject); err != nil {
		return nil, err
	}
	return list, nil
}

// AcceptAccount implements ports.StudentConnections.
func (s *StudentConnections) AcceptAccount(ctx context.Context, actor domain.Actor, user domain.UserID, account domain.TrackedAccountID) (domain.TrackedAccount, error) {
	return s.judge(ctx, actor, user, account, domain.ActWakaTimeAccept, func(ctx context.Context) (bool, error) {
		return s.accounts.AcceptAccount(ctx, user, account, s.now())
	})
}

// RejectAccount implements ports.StudentConnections.
func (s *StudentConnections) RejectAccount(ctx context.Context, actor domain.Actor, user domain.UserID, account domain.TrackedAccountID) (domain.TrackedAccount, error) {
	return s.judge(ctx, actor, user, account, domain.ActWakaTimeReject, func(ctx context.Context) (bool, error) {
		return s.accounts.RejectAccount(ctx, user, account, s.now())
	})
}

// judge accepts or rejects an account and returns it. It locks the connection, so that a
// sync does not write days at the same time.
func (s *StudentConnections) judge(
	ctx context.Context, actor domain.Actor, user domain.UserID, account domain.TrackedAccountID,
	action domain.Action, apply func(context.Context) (changed bool, err error),
) (domain.TrackedAccount, error) {
	var result domain.TrackedAccount
	err := s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := s.may(ctx, actor, action, user); err != nil {
			return domain.NoChange, err
		}
		_, err := s.connections.LockConnection(ctx, user)
		if err != nil && !errors.Is(err, domain.ErrConnectionNotFound) && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		changed, err := apply(ctx)
		if err != nil {
			return domain.NoChange, err
		}
		_, all, err := s.accounts.ListAccounts(ctx, user)
		if err != nil {
			return domain.NoChange, fmt.Errorf("list accounts: %w", err)
		}
		i := slices.IndexFunc(all, func(a domain.TrackedAccount) bool { return a.ID == account })
		if i < 0 {
			return domain.NoChange, domain.ErrWakaTimeAccountNotFound
		}
		if result = all[i]; !changed {
			return domain.NoChange, nil
		}
		return domain.Change{Action: action, Subject: user.String(), Details: map[string]any{
			"server": result.Server, "account": result.Username,
		}}, nil
	})
	return result, err
}

// may checks permission to act on a student's connection.
// Errors: ErrStudentNotFound, ErrForbidden.
func (s *StudentConnections) may(ctx context.Context, actor domain.Actor, action domain.Action, user domain.UserID) error {
	t, err := findTracked(ctx, s.days, actor, user, s.now())
	if err != nil {
		return err
	}
	return actor.May(action, domain.Subject{User: t.User, Batch: t.Batch})
}
