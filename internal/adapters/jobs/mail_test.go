package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func sealer() ports.Sealer {
	s, err := secrets.NewSealer(secrets.Config{Keys: "test:Z3JhZHVzLWRldmVsb3BtZW50LW9ubHktMzItYnl0ZXM="})
	if err != nil {
		panic(err)
	}
	return s
}

var resetMail = domain.Mail{
	Kind: domain.MailPasswordChanged, User: ada, To: "ada@school.example", Name: "Ada Okafor", At: time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC),
	Token: "canary-token", Expires: time.Date(2026, 11, 29, 4, 30, 0, 0, time.UTC), Device: "Firefox", Address: "192.0.2.1", Object: "ada@other.example",
}

// The arguments of mails are stored. A mail that an older program has queued must be readable.
func TestMailQueue_StoresOnlySealedMails(t *testing.T) {
	t.Parallel()
	args, err := jobs.NewSendMailArgs(sealer(), domain.Mail{ID: domain.MailID{1}, Kind: "password_changed", To: "ada@school.example", Token: "canary-token"})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(stored, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "payload")
	want := map[string]string{"mail_id": "01000000-0000-0000-0000-000000000000", "mail_kind": "password_changed"}
	if diff := cmp.Diff(want, got); diff != "" || args.Kind() != "mail.send" {
		t.Errorf("arguments of %s (-want +got):\n%s", args.Kind(), diff)
	}
}

func TestMailQueue_MailsAreDelivered(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	use := newUseCases(t)
	use.allowPeriodic()
	delivered := make(chan domain.Mail, 1)
	use.mails.EXPECT().Deliver(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, m domain.Mail) error {
		delivered <- m
		return nil
	})
	queue, err := jobs.NewTestMailQueue(pool, sealer(), func() [16]byte { return [16]byte{9} }, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Enqueue(t.Context(), resetMail); err != nil {
		t.Fatal(err)
	}
	for _, j := range listJobs(t, pool) {
		for _, canary := range []string{"canary", "ada@", "Okafor", "192.0.2.1"} {
			if strings.Contains(j.Args, canary) {
				t.Errorf("the job has %q in plain text: %s", canary, j.Args)
			}
		}
	}
	runner := newRunner(t, pool, use.workers())
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = runner.Stop(context.WithoutCancel(t.Context())) }()
	want := resetMail
	want.ID = domain.MailID{9}
	select {
	case got := <-delivered:
		if diff := cmp.Diff(want, got, cmp.Transformer("reveal", domain.Secret.Reveal)); diff != "" {
			t.Errorf("mail (-want +got):\n%s", diff)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the mail was not delivered")
	}
}

// A mail is sent if and only if what it reports has happened.
func TestMailQueue_JoinsTheUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	queue, err := jobs.NewTestMailQueue(pool, sealer(), func() [16]byte { return [16]byte{9} }, true)
	if err != nil {
		t.Fatal(err)
	}
	lifetime := domain.SessionLifetime{Idle: time.Hour, Absolute: time.Hour, Max: 10}
	uow := postgres.NewUnitOfWork(pool, postgres.NewSessionCache(0), clock, func() [16]byte { return [16]byte{1} }, lifetime)
	enqueue := func(result error) error {
		return uow.Do(t.Context(), domain.System, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
			if err := queue.Enqueue(ctx, resetMail); err != nil {
				return domain.NoChange, err
			}
			return domain.NoChange, result
		})
	}
	if err := enqueue(errDatabase); !errors.Is(err, errDatabase) || len(listJobs(t, pool)) != 0 {
		t.Errorf("a unit of work that failed returned %v and left %d mails", err, len(listJobs(t, pool)))
	}
	if err := enqueue(nil); err != nil || len(listJobs(t, pool)) != 1 {
		t.Errorf("a unit of work returned %v and left %d mails, want 1", err, len(listJobs(t, pool)))
	}
}

func TestMailQueue_WithoutAMailServerQueuesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	queue, err := jobs.NewTestMailQueue(pool, sealer(), func() [16]byte { return [16]byte{9} }, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Enqueue(t.Context(), resetMail); err != nil || len(listJobs(t, pool)) != 0 {
		t.Errorf("Enqueue returned %v and queued %d mails", err, len(listJobs(t, pool)))
	}
}

func TestSendMailWorker_Results(t *testing.T) {
	t.Parallel()
	readable, err := jobs.NewSendMailArgs(sealer(), domain.Mail{ID: domain.MailID{1}, Kind: domain.MailPasswordChanged, To: "ada@school.example"})
	if err != nil {
		t.Fatal(err)
	}
	moved := readable
	moved.MailID = "02000000-0000-0000-0000-000000000000"
	injected, err := jobs.NewSendMailArgs(sealer(), domain.Mail{ID: domain.MailID{1}, To: "ada@school.example>\r\nRCPT TO:<eve@evil.example"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args      jobs.SendMailArgs
		delivered error
		calls     int
		cancelled bool
		result    string
	}{
		"a mail that was sent":       {args: readable, calls: 1, result: "sent"},
		"a delayed mail is retried":  {args: readable, calls: 1, delivered: &domain.MailError{Failure: domain.MailDelayed, Err: errDatabase}, result: "delayed"},
		"an internal error":          {args: readable, calls: 1, delivered: errDatabase, result: "delayed"},
		"a rejected mail is final":   {args: readable, calls: 1, delivered: &domain.MailError{Failure: domain.MailRejected, Err: errDatabase}, cancelled: true, result: "rejected"},
		"an overdue mail is final":   {args: readable, calls: 1, delivered: &domain.MailError{Failure: domain.MailOverdue, Err: errDatabase}, cancelled: true, result: "overdue"},
		"a payload of another mail":  {args: moved, cancelled: true, result: "unreadable"},
		"a recipient with a command": {args: injected, cancelled: true, result: "unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use := newUseCases(t)
			use.mails.EXPECT().Deliver(gomock.Any(), gomock.Any()).Return(tt.delivered).Times(tt.calls)
			worker, count := jobs.NewSendMailWorker(use.mails, sealer(), clock)

			err := worker.Work(t.Context(), &river.Job[jobs.SendMailArgs]{JobRow: &rivertype.JobRow{ID: 1, Attempt: 1}, Args: tt.args})

			_, cancelled := errors.AsType[*rivertype.JobCancelError](err)
			if cancelled != tt.cancelled || (err == nil) != (tt.result == "sent") {
				t.Errorf("Work returned %v", err)
			}
			if n := count(tt.args.Mail, tt.result); n != 1 {
				t.Errorf("counted %v mails with the result %s, want 1", n, tt.result)
			}
		})
	}
}

func TestSendMailWorker_RetriesAtLeastHourlyWithJitter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)
	worker, _ := jobs.NewSendMailWorker(newUseCases(t).mails, sealer(), func() time.Time { return now })
	for attempt, most := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 6: 32 * time.Minute, 7: time.Hour, 99: time.Hour} {
		seen := map[time.Duration]bool{}
		for range 50 {
			wait := worker.NextRetry(&river.Job[jobs.SendMailArgs]{JobRow: &rivertype.JobRow{Attempt: attempt}}).Sub(now)
			if wait > most || wait < most*4/5 {
				t.Fatalf("attempt %d: retried after %v, want about %v", attempt, wait, most)
			}
			seen[wait] = true
		}
		if len(seen) == 1 {
			t.Errorf("attempt %d: the retries have no jitter", attempt)
		}
	}
}

// Syncs and mails do not wait for each other.
func TestRiverConfig_MailsHaveWorkersOfTheirOwn(t *testing.T) {
	t.Parallel()
	cfg := jobs.RiverConfig(nil, jobs.Config{Workers: 1}, slog.New(slog.DiscardHandler), clock)
	if len(cfg.Queues) != 2 || cfg.Queues["gradus_mail"].MaxWorkers == 0 || cfg.Queues["gradus"].MaxWorkers != 1 {
		t.Errorf("queues %+v", cfg.Queues)
	}
}
