package postgres

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Ledger implements ports.DayStore. One round trip, unless a label has to be read.
func (s *DayStore) Ledger(ctx context.Context, user domain.UserID, r domain.DayRange, now time.Time, withShares bool) (domain.TrackedUser, []domain.DailySummary, error) {
	l, err := s.readLedger(ctx, user, r, withShares)
	if err != nil {
		return domain.TrackedUser{}, nil, err
	}
	if !l.found {
		return domain.TrackedUser{}, nil, domain.ErrUserNotFound
	}
	return l.trackedUser(user, now), l.days, nil
}

// ListDays implements ports.DayStore.
func (s *DayStore) ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, withShares bool) ([]domain.DailySummary, error) {
	l, err := s.readLedger(ctx, user, r, withShares)
	if err != nil {
		return nil, err
	}
	return l.days, nil
}

func (s *DayStore) readLedger(ctx context.Context, user domain.UserID, r domain.DayRange, withShares bool) (*ledger, error) {
	db := conn(ctx, s.pool)
	l := newLedger(r.Len())
	_, err := s.q.ListLedger(ctx, eachRow{db, l.scan}, sqlc.ListLedgerParams{
		UserID: uuid.UUID(user), FromDay: r.From.Date(), ToDay: r.To.Date(), WithParts: withShares,
	})
	if err != nil {
		return nil, fmt.Errorf("list ledger: %w", err)
	}
	if err := s.addNames(ctx, db, l); err != nil {
		return nil, err
	}
	for i := range l.days {
		l.addAccounts(&l.days[i])
	}
	slices.SortFunc(l.days, func(a, b domain.DailySummary) int { return cmp.Compare(a.Day, b.Day) })
	return l, nil
}

// addNames adds the names of time zones and shares. Labels that are not cached take another
// round trip. They were inserted before the days that have them.
func (s *DayStore) addNames(ctx context.Context, db querier, l *ledger) error {
	now := s.now()
	missing := l.name(func(id int32) (label, bool) { return s.labels.find(id, now) })
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	rows, err := s.q.ListLabelNames(ctx, db, slices.Compact(missing))
	if err != nil {
		return fmt.Errorf("list names of labels: %w", err)
	}
	found := make(map[int32]label, len(rows))
	for _, r := range rows {
		found[r.ID] = label{r.Kind, r.Name}
		s.labels.add(r.ID, found[r.ID], now)
	}
	l.name(func(id int32) (label, bool) { n, ok := found[id]; return n, ok })
	return nil
}

// eachRow passes each row of a query to scan. Generated methods then find no rows left, which
// saves them a struct and a dozen pointers per row.
type eachRow struct {
	querier

	scan func(pgx.Rows) error
}

// Query implements querier.
func (e eachRow) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := e.querier.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		if err := e.scan(rows); err != nil {
			rows.Close()
			return nil, err
		}
	}
	return rows, nil
}

// ledger is what ListLedger returns.
type ledger struct {
	found    bool
	user     sqlc.ListLedgerRow // its columns of the user
	accounts []dayAccount
	setAside []setAside
	days     []domain.DailySummary // without what labels and accounts tell, which is added last
	refs     []dayRefs             // one per day
	parts    []int64               // of all days
	shares   []domain.Share        // of parts; those of a day are next to each other

	row  dayRow
	dest []any // of row
	ints []int // for pointers to seconds
}

// dayRefs says which labels a day has: its zone, and the parts from that of the day before.
type dayRefs struct {
	zone int32 // 0 for none
	end  int   // of the parts
}

// dayAccount is an account that days came from.
type dayAccount struct {
	ref              domain.AccountRef
	server, username string
	current          bool
	checks           domain.Checks
}

// setAside is a day at an account that is not in the ledger.
type setAside struct {
	account domain.AccountRef
	day     domain.Day
	seconds int
}

// dayRow is where the columns of a day are scanned.
type dayRow struct {
	day                               pgtype.Date
	state, reason, absent             repeated
	seconds, aiSeconds, zone, account pgtype.Int4
	attempts                          pgtype.Int2
	changedAt                         pgtype.Timestamptz
}

// The columns of ListLedger.
const (
	ledgerDay     = 0
	ledgerState   = 1
	ledgerParts   = 10
	ledgerUser    = 11 // the first of the user
	ledgerColumns = 33
)

func newLedger(days int) *ledger {
	l := &ledger{
		days: make([]domain.DailySummary, 0, days), refs: make([]dayRefs, 0, days),
		dest: make([]any, ledgerColumns), ints: make([]int, 0, 2*days),
	}
	r := &l.row
	copy(l.dest, []any{&r.day, &r.state, &r.seconds, &r.aiSeconds, &r.zone, &r.account, &r.attempts, &r.changedAt, &r.reason, &r.absent})
	return l
}

// scan reads one row.
func (l *ledger) scan(rows pgx.Rows) error {
	raw := rows.RawValues()
	if raw[ledgerDay] == nil {
		return l.scanUser(rows)
	}
	r := &l.row
	if err := rows.Scan(l.dest...); err != nil {
		return err
	}
	if raw[ledgerState] == nil {
		l.setAside = append(l.setAside, setAside{domain.AccountRef(r.account.Int32), dayOfDate(r.day), int(r.seconds.Int32)})
		return nil
	}
	parts, err := appendParts(l.parts, raw[ledgerParts])
	if err != nil {
		return err
	}
	l.parts = parts
	l.refs = append(l.refs, dayRefs{r.zone.Int32, len(parts)})
	l.days = append(l.days, domain.DailySummary{
		Day: dayOfDate(r.day), State: domain.DayState(r.state), Seconds: l.intOrNil(r.seconds), AISeconds: l.intOrNil(r.aiSeconds),
		Account: domain.AccountRef(r.account.Int32), ChangedAt: l.changedAt(r.changedAt.Time.UTC()), Attempts: int(r.attempts.Int16),
		Reason: domain.Reason(r.reason), Absent: l.absent(string(r.absent)),
	})
	return nil
}

// scanUser reads a row of the user, which has one of their accounts.
func (l *ledger) scanUser(rows pgx.Rows) error {
	u := &l.user
	dest := make([]any, ledgerUser, ledgerColumns) // skips the columns of days
	dest = append(dest, &u.Name, &u.UserZone, &u.BatchID, &u.BatchZone, &u.StartsOn, &u.EndsOn, &u.ArchivedAt, &u.EnrolledAt, &u.EnrolledOn,
		&u.Connection, &u.ConnectedAt, &u.ConnectedOn, &u.FailureReason, &u.FailedAt, &u.FailingSince, &u.CurrentRef,
		&u.Ref, &u.Server, &u.Username, &u.CheckedFrom, &u.CheckedTo, &u.CheckedAt)
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	l.found = true
	if u.Ref == nil {
		return nil
	}
	a := dayAccount{ref: domain.AccountRef(*u.Ref), server: *u.Server, username: *u.Username, current: u.CurrentRef != nil && *u.CurrentRef == *u.Ref}
	a.checks = make(domain.Checks, len(u.CheckedAt))
	for i, at := range u.CheckedAt {
		a.checks[i] = domain.Check{Days: domain.DayRange{From: day(u.CheckedFrom[i]), To: day(u.CheckedTo[i])}, At: at.UTC()}
	}
	l.accounts = append(l.accounts, a)
	return nil
}

// name sets the names that find knows and no call before has set, and returns the IDs of the
// others.
func (l *ledger) name(find func(id int32) (label, bool)) (missing []int32) {
	if l.shares == nil {
		l.shares = make([]domain.Share, len(l.parts))
	}
	for i, p := range l.parts {
		share := &l.shares[i]
		if share.Dimension != "" {
			continue
		}
		n, ok := find(int32(p >> 32))
		if !ok {
			missing = append(missing, int32(p>>32))
			continue
		}
		*share = domain.Share{Dimension: domain.Dimension(n.kind), Name: n.name, Seconds: int(int32(p))}
	}
	first := 0
	for i, r := range l.refs {
		d := &l.days[i]
		if r.end > first {
			d.Shares = l.shares[first:r.end:r.end]
		}
		first = r.end
		if r.zone == 0 || d.TimeZone != "" {
			continue
		}
		n, ok := find(r.zone)
		if !ok {
			missing = append(missing, r.zone)
			continue
		}
		d.TimeZone = n.name
	}
	return missing
}

// addAccounts adds what the accounts tell about a day.
func (l *ledger) addAccounts(d *domain.DailySummary) {
	// A day that was never returned was requested from the connected account, or from any if
	// none is connected.
	asked := d.Account
	for i := range l.accounts {
		a := &l.accounts[i]
		if a.ref == d.Account {
			d.Source, d.Username = a.server, a.username
		}
		if a.current && asked == 0 {
			asked = a.ref
		}
	}
	for i := range l.accounts {
		a := &l.accounts[i]
		if asked != 0 && asked != a.ref {
			continue
		}
		if c := a.checks.Of(d.Day); c != nil && (d.CheckedAt == nil || c.At.After(*d.CheckedAt)) {
			d.CheckedAt = &c.At
		}
	}
	for _, o := range l.setAside {
		if o.day == d.Day && o.account != d.Account {
			d.OtherSeconds += o.seconds
		}
	}
}

// trackedUser converts the user. The server is that of the connected account, or of the last
// one.
func (l *ledger) trackedUser(id domain.UserID, now time.Time) domain.TrackedUser {
	u := &l.user
	last := dayAccount{}
	for _, a := range l.accounts {
		if a.current || !last.current && a.ref > last.ref {
			last = a
		}
	}
	return trackedUser(sqlc.GetTrackedUserRow{
		ID: uuid.UUID(id), Name: u.Name, UserZone: u.UserZone,
		BatchID: u.BatchID, BatchZone: u.BatchZone, StartsOn: u.StartsOn, EndsOn: u.EndsOn, ArchivedAt: u.ArchivedAt,
		EnrolledAt: u.EnrolledAt, EnrolledOn: u.EnrolledOn,
		State: u.Connection, ConnectedAt: u.ConnectedAt, ConnectedOn: u.ConnectedOn,
		FailureReason: u.FailureReason, FailedAt: u.FailedAt, FailingSince: u.FailingSince,
		EverConnected: len(l.accounts) > 0, Server: last.server,
	}, now)
}

// intOrNil returns a pointer to a number, many of which share an allocation.
func (l *ledger) intOrNil(n pgtype.Int4) *int {
	if !n.Valid {
		return nil
	}
	if len(l.ints) == cap(l.ints) {
		l.ints = make([]int, 0, 64)
	}
	l.ints = append(l.ints, int(n.Int32))
	return &l.ints[len(l.ints)-1]
}

// changedAt returns a pointer to a time, which days that were changed together share.
func (l *ledger) changedAt(at time.Time) *time.Time {
	if n := len(l.days); n > 0 && l.days[n-1].ChangedAt.Equal(at) {
		return l.days[n-1].ChangedAt
	}
	return &at
}

// absent returns the dimensions of a text, which days with the same share.
func (l *ledger) absent(text string) []domain.Dimension {
	if n := len(l.days); n > 0 && text != "" && joinDimensions(l.days[n-1].Absent) == text {
		return l.days[n-1].Absent
	}
	return splitDimensions(text)
}

// dayOfDate converts a date column.
func dayOfDate(d pgtype.Date) domain.Day { return day(d.Time) }

// repeated is a text column that often has the same value as in the last row, which is then
// kept. NULL is empty.
type repeated string

// ScanBytes implements pgtype.BytesScanner.
func (r *repeated) ScanBytes(src []byte) error {
	if string(src) != string(*r) {
		*r = repeated(src)
	}
	return nil
}

// appendParts appends the numbers of an array without NULLs in Postgres' binary format, which
// pgx requests for arrays: five numbers of four bytes, then the length and the value of each.
func appendParts(parts []int64, src []byte) ([]int64, error) {
	const header, size = 20, 12
	if len(src) < header {
		return parts, nil // NULL or empty
	}
	src = src[header:]
	if len(src)%size != 0 {
		return nil, fmt.Errorf("the parts of a day have %d bytes", len(src))
	}
	if free := cap(parts) - len(parts); free < len(src)/size {
		parts = slices.Grow(parts, max(len(src)/size, len(parts)))
	}
	for ; len(src) > 0; src = src[size:] {
		parts = append(parts, int64(binary.BigEndian.Uint64(src[4:])))
	}
	return parts, nil
}
