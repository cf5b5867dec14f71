package histories

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

// Stores are the stores that a history runs on.
type Stores struct {
	UnitOfWork  ports.UnitOfWork
	Connections ports.ConnectionStore
	Accounts    ports.AccountStore
	Days        ports.DayStore
	User        domain.UserID // a student
	Admin       domain.UserID
	SetTimeZone func(domain.TimeZone) error
	NewID       ports.NewID // nil: IDs that are unique in a history
}

// memory is the stores of one student.
type memory struct {
	ports.ConnectionStore // nil: the methods that histories do not use
	user                  domain.TrackedUser
	enrolled              domain.Day
	conn                  *domain.Connection
	accounts              []*memoryAccount // the index is the reference - 1
	rows                  map[domain.Day]domain.DailySummary
}

type memoryAccount struct {
	domain.TrackedAccount
	id     string
	checks domain.Checks
	aside  map[domain.Day]domain.DailySummary
}

// Memory returns stores in memory for a student who enrolled at Start.
func Memory(user domain.UserID, zone domain.TimeZone) Stores { return newMemory(user, zone).stores() }

func newMemory(user domain.UserID, zone domain.TimeZone) *memory {
	return &memory{
		user:     domain.TrackedUser{User: user, Batch: domain.BatchID{1}, TimeZone: zone, Active: true},
		enrolled: zone.Today(Start), rows: map[domain.Day]domain.DailySummary{},
	}
}

func (m *memory) stores() Stores {
	return Stores{
		UnitOfWork: &fake.UnitOfWork{}, Connections: m, Accounts: m, Days: m, User: m.user.User, Admin: domain.UserID{0xad},
		SetTimeZone: func(z domain.TimeZone) error { m.user.TimeZone = z; return nil },
	}
}

func (m *memory) account(ref domain.AccountRef) *memoryAccount { return m.accounts[ref-1] }

func (m *memory) Connection(context.Context, domain.UserID) (domain.Connection, error) {
	if m.conn == nil {
		return domain.Connection{}, domain.ErrConnectionNotFound
	}
	c := *m.conn
	c.Checks = m.account(c.Ref).checks
	return c, nil
}

func (m *memory) LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error) {
	return m.Connection(ctx, user)
}

func (m *memory) ConnectionReport(ctx context.Context, user domain.UserID, now time.Time) (domain.ConnectionReport, error) {
	t, err := m.TrackedUser(ctx, user, now)
	if err != nil {
		return domain.ConnectionReport{}, err
	}
	rows, err := m.ListDays(ctx, user, t.Tracked, false)
	if err != nil {
		return domain.ConnectionReport{}, err
	}
	report := domain.ConnectionReport{Connection: domain.Connection{User: user, State: domain.NotConnected}, Coverage: t.Ledger(t.Tracked, rows).Total}
	if m.conn != nil {
		report.Connection = *m.conn
	}
	return report, nil
}

func (m *memory) SaveConnection(_ context.Context, c domain.Connection, id domain.TrackedAccountID) error {
	i := slices.IndexFunc(m.accounts, func(a *memoryAccount) bool { return a.id == c.Account.ID })
	if i < 0 {
		i = len(m.accounts)
		a := &memoryAccount{id: c.Account.ID, aside: map[domain.Day]domain.DailySummary{}}
		a.ID, a.Server, a.Username = id, c.Account.Server, c.Account.Username
		m.accounts = append(m.accounts, a)
	}
	c.Ref = domain.AccountRef(i + 1)
	c.LastSyncedAt, c.Failure = nil, nil
	if old := m.conn; old != nil {
		if old.Ref == c.Ref {
			c.LastSyncedAt = old.LastSyncedAt
		}
		if old.ConnectedAt.Equal(c.ConnectedAt) {
			c.Failure = old.Failure
		}
	}
	m.conn = &c
	return nil
}

func (m *memory) RemoveConnection(context.Context, domain.UserID) error {
	if m.conn == nil {
		return domain.ErrConnectionNotFound
	}
	m.conn = nil
	return nil
}

func (m *memory) StartSync(ctx context.Context, user domain.UserID, now, _ time.Time) (domain.Connection, domain.TrackedUser, error) {
	c, err := m.Connection(ctx, user)
	if err != nil {
		return c, domain.TrackedUser{}, err
	}
	t, err := m.TrackedUser(ctx, user, now)
	return c, t, err
}

func (m *memory) AddNames(context.Context, []domain.DailySummary) error { return nil }

func (m *memory) FinishSync(_ context.Context, _ domain.UserID, r domain.SyncResult) error {
	if m.conn == nil {
		return nil
	}
	if r.Account != 0 {
		m.account(r.Account).checks = r.Checks
	}
	switch {
	case r.Unfinished:
	case r.Reason == domain.ReasonNone:
		m.conn.LastSyncedAt, m.conn.Failure = &r.At, nil
	default:
		since := r.At
		if m.conn.Failure != nil {
			since = m.conn.Failure.Since
		}
		m.conn.Failure = &domain.SyncFailure{Reason: r.Reason, At: r.At, Since: since}
	}
	return nil
}

func (m *memory) TrackedUser(_ context.Context, _ domain.UserID, now time.Time) (domain.TrackedUser, error) {
	t := m.user
	t.Today = t.TimeZone.Today(now)
	t.Tracked = domain.TrackedDays(m.enrolled, t.Today, nil)
	t.Connection, t.EverConnected = domain.NotConnected, len(m.accounts) > 0
	if m.conn != nil {
		t.Connection, t.Failure = m.conn.State, m.conn.Failure
	}
	return t, nil
}

func (m *memory) SaveDays(_ context.Context, _ domain.UserID, rows []domain.DailySummary, now time.Time) error {
	for _, r := range rows {
		r.ChangedAt = &now
		m.rows[r.Day] = r
	}
	return nil
}

func (m *memory) ListDays(_ context.Context, _ domain.UserID, r domain.DayRange, _ bool) ([]domain.DailySummary, error) {
	var out []domain.DailySummary
	for _, row := range m.rows {
		if !r.Contains(row.Day) {
			continue
		}
		row.CheckedAt, row.OtherSeconds = nil, 0
		for i, a := range m.accounts {
			ref := domain.AccountRef(i + 1)
			if at, ok := a.checks.At(row.Day); ok && (row.Account == 0 || row.Account == ref) && (row.CheckedAt == nil || at.After(*row.CheckedAt)) {
				row.CheckedAt = &at
			}
			if row.Account == ref {
				row.Username = a.Username
			} else if other := a.aside[row.Day]; other.Seconds != nil {
				row.OtherSeconds += *other.Seconds
			}
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b domain.DailySummary) int { return cmp.Compare(a.Day, b.Day) })
	return out, nil
}

func (m *memory) Ledger(ctx context.Context, user domain.UserID, r domain.DayRange, now time.Time, withShares bool) (domain.TrackedUser, []domain.DailySummary, error) {
	t, err := m.TrackedUser(ctx, user, now)
	if err != nil {
		return t, nil, err
	}
	rows, err := m.ListDays(ctx, user, r, withShares)
	return t, rows, err
}

func (m *memory) ListAccounts(context.Context, domain.UserID) (domain.Subject, []domain.TrackedAccount, error) {
	var out []domain.TrackedAccount
	for i, a := range m.accounts {
		t := a.TrackedAccount
		t.Current = m.conn != nil && m.conn.Ref == domain.AccountRef(i+1)
		out = append(out, t)
	}
	return domain.Subject{User: m.user.User, Batch: m.user.Batch}, out, nil
}

// unknown returns the row of a day that the current account has not been asked for.
func unknown(d domain.Day, now time.Time) domain.DailySummary {
	return domain.DailySummary{Day: d, State: domain.DayPending, Reason: domain.ReasonNewAccount, ChangedAt: &now}
}

func (m *memory) SetAsideDays(_ context.Context, _ domain.UserID, now time.Time) error {
	for d, row := range m.rows {
		switch {
		case row.Seconds == nil:
			m.rows[d] = unknown(d, now)
		case row.Account != m.conn.Ref && m.account(row.Account).AcceptedAt == nil:
			m.account(row.Account).aside[d] = row
			m.rows[d] = unknown(d, now)
		}
	}
	m.copyDays(m.conn.Ref, now)
	clear(m.account(m.conn.Ref).aside)
	return nil
}

func (m *memory) copyDays(ref domain.AccountRef, now time.Time) {
	for d, row := range m.account(ref).aside {
		if old := m.rows[d]; old.Seconds == nil || *old.Seconds == 0 {
			row.ChangedAt = &now
			m.rows[d] = row
		}
	}
}

func (m *memory) find(id domain.TrackedAccountID) (domain.AccountRef, error) {
	i := slices.IndexFunc(m.accounts, func(a *memoryAccount) bool { return a.ID == id })
	if i < 0 {
		return 0, domain.ErrWakaTimeAccountNotFound
	}
	return domain.AccountRef(i + 1), nil
}

func (m *memory) AcceptAccount(_ context.Context, _ domain.UserID, id domain.TrackedAccountID, now time.Time) (bool, error) {
	ref, err := m.find(id)
	if err != nil {
		return false, err
	}
	was := m.account(ref).AcceptedAt
	m.account(ref).AcceptedAt = &now
	m.copyDays(ref, now)
	return was == nil, nil
}

func (m *memory) RejectAccount(_ context.Context, _ domain.UserID, id domain.TrackedAccountID, now time.Time) (bool, error) {
	ref, err := m.find(id)
	if err != nil {
		return false, err
	}
	was := m.account(ref).AcceptedAt
	m.account(ref).AcceptedAt = nil
	if was != nil && (m.conn == nil || m.conn.Ref != ref) {
		for d, row := range m.rows {
			if row.Account == ref {
				m.account(ref).aside[d] = row
				m.rows[d] = unknown(d, now)
			}
		}
	}
	return was != nil, nil
}

func (m *memory) ListDayStates(ctx context.Context, user domain.UserID, r domain.DayRange, _ domain.TimeZone) ([]domain.DailySummary, error) {
	return m.ListDays(ctx, user, r, false)
}
