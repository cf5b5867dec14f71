package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Connections implements ports.Connections, ports.ConnectionRemover and
// ports.AuthorizationCleaner.
type Connections struct {
	disconnector
	authorizations ports.AuthorizationStore
	accounts       ports.AccountStore
	jobs           ports.SyncJobs
	now            ports.Clock
	newToken       ports.NewToken
	newID          ports.NewID
}

var (
	_ ports.Connections          = (*Connections)(nil)
	_ ports.ConnectionRemover    = (*Connections)(nil)
	_ ports.AuthorizationCleaner = (*Connections)(nil)
)

// NewConnections returns Connections.
func NewConnections(
	uow ports.UnitOfWork, connections ports.ConnectionStore, authorizations ports.AuthorizationStore, accounts ports.AccountStore,
	jobs ports.SyncJobs, wakatime ports.WakaTime, now ports.Clock, newToken ports.NewToken, newID ports.NewID,
) *Connections {
	return &Connections{
		disconnector: disconnector{uow, connections, wakatime}, authorizations: authorizations, accounts: accounts, jobs: jobs,
		now: now, newToken: newToken, newID: newID,
	}
}

// Connection implements ports.Connections.
func (s *Connections) Connection(ctx context.Context, actor domain.Actor) (domain.ConnectionReport, error) {
	return s.connections.ConnectionReport(ctx, actor.UserID, s.now())
}

// Servers implements ports.Connections. Any signed-in user can connect, so any can see where
// to.
func (s *Connections) Servers(_ context.Context, actor domain.Actor) ([]domain.WakaTimeServer, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return nil, err
	}
	return s.wakatime.Servers(), nil
}

// RemoveExpiredAuthorizations implements ports.AuthorizationCleaner. An expired flow
// cannot be completed, so removing it needs no permission and no audit entry.
func (s *Connections) RemoveExpiredAuthorizations(ctx context.Context) (int, error) {
	return s.authorizations.RemoveExpiredAuthorizations(ctx, s.now())
}
