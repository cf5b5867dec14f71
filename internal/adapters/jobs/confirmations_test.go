package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestConfirmationQueue_RequestsReachTheUseCaseSealed(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	use := newUseCases(t)
	use.allowPeriodic()
	handled := make(chan domain.ConfirmationRequest, 1)
	use.confirmations.EXPECT().SendConfirmation(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, r domain.ConfirmationRequest) error {
		handled <- r
		return nil
	})
	queue, err := jobs.NewTestMailQueue(pool, sealer(), func() [16]byte { return [16]byte{9} }, true)
	if err != nil {
		t.Fatal(err)
	}
	want := domain.ConfirmationRequest{
		Kind: domain.ConfirmEmailChange, User: ada, Email: "ada@school.example", At: time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC), Device: "Firefox", Origin: domain.Origin{Address: "192.0.2.1", RequestID: "r1"},
	}
	if err := queue.EnqueueConfirmation(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if j := listJobs(t, pool)[0]; j.Kind != "confirmations.send" || strings.Contains(j.Args, "ada@") || strings.Contains(j.Args, "192.0.2.1") {
		t.Errorf("the job is %+v", j)
	}
	runner := newRunner(t, pool, use.workers())
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = runner.Stop(context.WithoutCancel(t.Context())) }()
	select {
	case got := <-handled:
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the request was not handled")
	}
}

func TestConfirmationQueue_NeedsAMailServer(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	queue, err := jobs.NewTestMailQueue(pool, sealer(), func() [16]byte { return [16]byte{9} }, false)
	if err != nil {
		t.Fatal(err)
	}
	err = queue.EnqueueConfirmation(t.Context(), domain.ConfirmationRequest{Kind: domain.ConfirmPasswordReset, Email: "ada@school.example"})
	if !errors.Is(err, domain.ErrMailNotConfigured) || len(listJobs(t, pool)) != 0 {
		t.Errorf("EnqueueConfirmation returned %v and queued %d jobs", err, len(listJobs(t, pool)))
	}
}
