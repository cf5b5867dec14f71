package gradus_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/gradus-dev/gradus/clients/go"
)

// autumn is a batch that is active on the server's date, 2026-10-14.
var autumn = gradus.NewBatch{
	Name:              "Evening Class",
	StartsOn:          gradus.Date{Year: 2026, Month: time.October, Day: 5},
	EndsOn:            gradus.Date{Year: 2026, Month: time.December, Day: 18},
	TimeZone:          "America/Chicago",
	WeeklyGoalSeconds: new(36_000),
}

func TestStudent_JoinsAndConnects(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	staff := admin()
	batch, err := staff.CreateBatch(ctx, autumn)
	if err != nil {
		t.Fatal(err)
	}
	if batch.Status != gradus.BatchStatusActive || batch.StartsOn != autumn.StartsOn || *batch.WeeklyGoalSeconds != 36_000 {
		t.Errorf("created %+v", batch)
	}
	key, err := staff.GetRegistrationKey(ctx, batch.ID)
	if err != nil {
		t.Fatal(err)
	}
	student, me := fresh(t, "joining")
	joined, err := student.JoinBatch(ctx, gradus.JoinRequest{RegistrationKey: key.Key})
	if err != nil {
		t.Fatal(err)
	}
	if joined.ID != me.ID || joined.BatchID != batch.ID || joined.Status != gradus.EnrolmentStatusActive {
		t.Errorf("joined as %+v", joined)
	}
	connection, err := student.ConnectWakaTimeWithKey(ctx, gradus.WakaTimeKey{APIKey: server.Spare.APIKey})
	if err != nil {
		t.Fatal(err)
	}
	if connection.State != gradus.ConnectionStateConnected || *connection.Kind != gradus.ConnectionKindAPIKey {
		t.Errorf("connected as %+v", connection)
	}
	if _, err := student.SyncMyDays(ctx, nil); err != nil {
		t.Fatal(err)
	}
	synced(t, student)

	days, err := student.ListMyDays(ctx, &gradus.ListMyDaysParams{From: new(autumn.StartsOn)})
	if err != nil {
		t.Fatal(err)
	}
	// Today is the last day, and has not ended.
	ended := len(days.Days) - 1
	if ended < 1 || days.Total.KnownDays != ended || days.Days[ended].State != gradus.DayStatePartial || days.From != autumn.StartsOn {
		t.Errorf("the days from %v have the total %+v", days.From, days.Total)
	}
	progress, err := staff.GetBatchProgress(ctx, batch.ID, &gradus.GetBatchProgressParams{From: new(autumn.StartsOn)})
	if err != nil {
		t.Fatal(err)
	}
	if len(progress.Items) != 1 || progress.Items[0].StudentID != me.ID || progress.Total == nil || progress.Total.Seconds != days.Total.Seconds {
		t.Errorf("the batch returns %+v, the student %+v", progress.Items, days.Total)
	}
}

func TestBatchProgress_UnknownDaysHaveNoSeconds(t *testing.T) {
	t.Parallel()
	states := map[gradus.ProgressState]int{}
	for row, err := range admin().AllBatchProgress(t.Context(), server.Keys[0].BatchID, &gradus.GetBatchProgressParams{
		From: new(gradus.Date{Year: 2026, Month: time.October, Day: 1}), Limit: new(5),
	}) {
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, seconds := range row.Seconds {
			states[row.States[i]]++
			known := row.States[i] == gradus.ProgressStateOK || row.States[i] == gradus.ProgressStateEmpty
			if (known || row.States[i] == gradus.ProgressStatePartial) != (seconds != nil) {
				t.Errorf("%s: a day with state %s has seconds %v", row.Name, row.States[i], seconds)
			}
			if known {
				sum += *seconds
			}
		}
		if sum != row.Total.Seconds {
			t.Errorf("%s: the known days add up to %d seconds, the total is %d", row.Name, sum, row.Total.Seconds)
		}
	}
	if states[gradus.ProgressStateOK] < 50 || states[gradus.ProgressStateDisconnected] == 0 {
		t.Errorf("the batch has days with states %v", states)
	}
}

// synced waits until the server has fetched the days.
func synced(t *testing.T, c *gradus.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		connection, err := c.GetWakaTimeConnection(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if connection.LastSyncedAt != nil && !connection.Syncing {
			return
		}
		<-tick.C
	}
}

func TestStudent_ConnectsWithOAuth(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	tariq := as("tariq@school.example") // has disconnected WakaTime
	_, err := tariq.CompleteWakaTimeAuthorization(ctx, gradus.WakaTimeCallback{Code: "made-up", State: "made-up"})
	if e := errorOf(t, err); e.Status != 422 || e.Code != gradus.ProblemCodeWakaTimeStateInvalid {
		t.Errorf("an unknown state returned %v", e)
	}
	started, err := tariq.StartWakaTimeAuthorization(ctx)
	if err != nil {
		t.Fatal(err)
	}
	back := consent(t, started.AuthorizationURL, "tariq")
	connection, err := tariq.CompleteWakaTimeAuthorization(ctx, gradus.WakaTimeCallback{Code: back.Get("code"), State: back.Get("state")})
	if err != nil {
		t.Fatal(err)
	}
	if *connection.Kind != gradus.ConnectionKindOAuth || len(connection.Scopes) == 0 || *connection.Account.Username != "tariq" {
		t.Errorf("connected as %+v", connection)
	}
}

// consent opens the consent page as a browser does, and returns the query of the redirect.
func consent(t *testing.T, page, login string) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+"&login="+login, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("the consent page returned %s: %v", resp.Status, err)
	}
	return back.Query()
}

func TestListStudents_Filters(t *testing.T) {
	t.Parallel()
	found := map[bool]int{}
	for _, connected := range []bool{true, false} {
		params := &gradus.ListStudentsParams{BatchID: &server.Keys[0].BatchID, Status: new(gradus.EnrolmentStatusActive), Connected: &connected}
		for s, err := range admin().AllStudents(t.Context(), params) {
			if err != nil {
				t.Fatal(err)
			}
			if s.BatchID != *params.BatchID || connected != (s.Connection == gradus.ConnectionStateConnected) {
				t.Errorf("%s of %s is %s", s.Name, s.BatchName, s.Connection)
			}
			found[connected]++
		}
	}
	if found[true] == 0 || found[false] == 0 || found[true]+found[false] != 12 {
		t.Errorf("found %v of the 12 students of the batch", found)
	}
}

func TestAllUsers_ReturnsEachUserOnce(t *testing.T) {
	t.Parallel()
	seen := map[uuid.UUID]bool{}
	for user, err := range admin().AllUsers(t.Context(), &gradus.ListUsersParams{Role: new(gradus.RoleMember), Limit: new(40)}) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[user.ID] || user.Role != gradus.RoleMember {
			t.Errorf("%s was returned twice, or is a %s", user.Name, user.Role)
		}
		seen[user.ID] = true
	}
	if len(seen) < 250 {
		t.Errorf("returned %d members, want 250", len(seen))
	}
}

func TestAllUsers_StopsOnBreakAndOnError(t *testing.T) {
	t.Parallel()
	staff := admin()
	seen := 0
	for _, err := range staff.AllUsers(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 60 {
			break
		}
	}
	if seen != 60 {
		t.Errorf("the loop went on to %d after a break at 60", seen)
	}
	failures := 0
	for user, err := range staff.AllUsers(t.Context(), &gradus.ListUsersParams{After: new("nonsense")}) {
		failures++
		if e := errorOf(t, err); e.Code != gradus.ProblemCodeInvalidCursor || user != (gradus.User{}) {
			t.Errorf("an invalid cursor returned %v with %+v", e, user)
		}
	}
	if failures != 1 {
		t.Errorf("a failed loop ran %d times", failures)
	}
}

func TestUpdateBatch_RejectsStaleETag(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	staff := admin()
	opened, err := staff.CreateBatch(ctx, autumn)
	if err != nil {
		t.Fatal(err)
	}
	var header http.Header
	if _, err := staff.GetBatch(ctx, opened.ID, gradus.ReadHeader(&header)); err != nil {
		t.Fatal(err)
	}
	etag := header.Get("ETag")
	patch := gradus.BatchPatch{Name: new("Morning Class"), WeeklyGoalSeconds: nullable.NewNullNullable[int]()}
	edited, err := staff.UpdateBatch(ctx, opened.ID, patch, gradus.IfMatch(etag))
	if err != nil {
		t.Fatal(err)
	}
	if edited.Name != "Morning Class" || edited.WeeklyGoalSeconds != nil || edited.TimeZone != autumn.TimeZone {
		t.Errorf("the update returned %+v", edited)
	}
	_, err = staff.UpdateBatch(ctx, opened.ID, gradus.BatchPatch{Name: new("Night Class")}, gradus.IfMatch(etag))
	if e := errorOf(t, err); e.Status != http.StatusPreconditionFailed || e.Code != gradus.ProblemCodeVersionMismatch {
		t.Errorf("the stale update returned %v", e)
	}
}

func TestCreateBatch_SameIdempotencyKeyCreatesOnce(t *testing.T) {
	t.Parallel()
	staff := admin()
	key := gradus.IdempotencyKey(uuid.NewString())
	first, err := staff.CreateBatch(t.Context(), autumn, key)
	if err != nil {
		t.Fatal(err)
	}
	var header http.Header
	again, err := staff.CreateBatch(t.Context(), autumn, key, gradus.ReadHeader(&header))
	if err != nil {
		t.Fatal(err)
	}
	if again.ID != first.ID || header.Get("Idempotency-Replayed") == "" {
		t.Errorf("the second create returned %v, the first %v", again.ID, first.ID)
	}
	other, err := staff.CreateBatch(t.Context(), autumn)
	if err != nil {
		t.Fatal(err)
	}
	if other.ID == first.ID {
		t.Error("a create with another key returned the same batch")
	}
}

func TestErrors_DescribeWhatIsWrong(t *testing.T) {
	t.Parallel()
	member, me := fresh(t, "errors")
	staff := admin()
	reversed := autumn
	reversed.StartsOn, reversed.EndsOn, reversed.TimeZone = autumn.EndsOn, autumn.StartsOn, "Chicago"
	for name, tt := range map[string]struct {
		call   func(context.Context) error
		status int
		code   gradus.ProblemCode
	}{
		"an anonymous caller is rejected": {func(ctx context.Context) error {
			_, err := gradus.New(server.API).GetMe(ctx)
			return err
		}, 401, gradus.ProblemCodeUnauthenticated},
		"a wrong password is rejected": {func(ctx context.Context) error {
			_, err := gradus.New(server.API).SignIn(ctx, gradus.Credentials{Email: me.Email, Password: "wrong"})
			return err
		}, 401, gradus.ProblemCodeInvalidCredentials},
		"a member is not allowed to list users": {func(ctx context.Context) error {
			_, err := member.ListUsers(ctx, nil)
			return err
		}, 403, gradus.ProblemCodeForbidden},
		"an unknown batch is not found": {func(ctx context.Context) error {
			_, err := staff.GetBatch(ctx, uuid.New())
			return err
		}, 404, gradus.ProblemCodeBatchNotFound},
		"an email address can be used once": {func(ctx context.Context) error {
			_, err := gradus.New(server.API).Register(ctx, gradus.Registration{Email: me.Email, Name: "Other", Password: "seven quiet paper boats"})
			return err
		}, 409, gradus.ProblemCodeEmailTaken},
		"a batch cannot end before it starts": {func(ctx context.Context) error {
			_, err := staff.CreateBatch(ctx, reversed)
			return err
		}, 422, gradus.ProblemCodeInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := errorOf(t, tt.call(t.Context()))
			if e.Status != tt.status || e.Code != tt.code || e.Detail == "" || e.RequestID == "" {
				t.Errorf("got %+v", e)
			}
			fields := map[string]string{}
			for _, f := range e.Errors {
				fields[*f.Pointer] = f.Code
			}
			if tt.status == 422 && (fields["/time_zone"] != "time_zone_unknown" || fields["/ends_on"] != "range_reversed") {
				t.Errorf("the fields are %v", fields)
			}
		})
	}
}

func errorOf(t *testing.T, err error) *gradus.Error {
	t.Helper()
	e, ok := errors.AsType[*gradus.Error](err)
	if !ok {
		t.Fatalf("not an error response: %v", err)
	}
	return e
}

func TestTokenSource_IsCalledAfterSignOut(t *testing.T) {
	t.Parallel()
	tokens := 0
	c := gradus.New(server.API, gradus.WithTokenSource(func(ctx context.Context) (string, error) {
		tokens++
		session, err := gradus.New(server.API).SignIn(ctx, gradus.Credentials{Email: "ines@school.example", Password: server.Password})
		if err != nil {
			return "", err
		}
		return *session.Token, nil
	}))
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	me, err := c.GetMe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if me.Email != "ines@school.example" || tokens != 2 {
		t.Errorf("%s got %d tokens, want 2", me.Email, tokens)
	}
}
