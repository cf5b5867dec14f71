package tracking_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

// exchangeDelay is how long the server takes to exchange a code.
const exchangeDelay = 5 * time.Second

// callback is an OAuth flow that has not been consumed, with its store.
type callback struct {
	deps
	mu   sync.Mutex
	flow domain.Authorization
}

// newCallback returns a callback in a synctest bubble. The code can be exchanged once, with
// the result err.
func newCallback(t *testing.T, err error) *callback {
	t.Helper()
	c := &callback{
		deps: newServiceAt(t, func() time.Time { return time.Now().UTC() }),
		flow: domain.Authorization{User: ada, Session: session, ExpiresAt: time.Now().Add(domain.AuthorizationLifetime)},
	}
	c.authorizations.EXPECT().ConsumeAuthorization(gomock.Any(), hash("state"), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(ctx context.Context, _, code [32]byte, at time.Time) (domain.Authorization, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			before := c.flow
			if before.ConsumedAt == nil {
				c.flow.ConsumedAt, c.flow.CodeHash = &at, code
			}
			return before, ctx.Err()
		})
	c.authorizations.EXPECT().CompleteAuthorization(gomock.Any(), hash("state"), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(ctx context.Context, _ [32]byte, _ time.Time, result *domain.Error) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.flow.Completed = true
			if result != nil {
				c.flow.Result = domain.ErrorOf(result.Code, result.Detail)
			}
			return ctx.Err()
		})
	c.wakatime.EXPECT().Exchange(gomock.Any(), domain.Secret("code"), gomock.Any()).MaxTimes(1).DoAndReturn(
		func(ctx context.Context, _, _ domain.Secret) (domain.Grant, error) {
			time.Sleep(exchangeDelay)
			if ctx.Err() != nil {
				return domain.Grant{}, upstream(domain.ReasonUnavailable)
			}
			return domain.Grant{AccessToken: "access-2", RefreshToken: "refresh-2", ExpiresAt: time.Now().Add(time.Hour)}, err
		})
	c.wakatime.EXPECT().Account(gomock.Any(), gomock.Any()).AnyTimes().Return(domain.WakaTimeAccount{Server: "api.wakatime.com", ID: "acc"}, nil)
	c.connections.EXPECT().LockConnection(gomock.Any(), ada).AnyTimes().Return(domain.Connection{}, domain.ErrConnectionNotFound)
	c.connections.EXPECT().SaveConnection(gomock.Any(), gomock.Any(), gomock.Any()).MaxTimes(1).Return(nil)
	c.accounts.EXPECT().SetAsideDays(gomock.Any(), ada, gomock.Any()).MaxTimes(1).Return(nil)
	c.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, gomock.Any(), gomock.Any()).MaxTimes(1).Return(nil)
	c.connections.EXPECT().ConnectionReport(gomock.Any(), ada, gomock.Any()).AnyTimes().Return(
		domain.ConnectionReport{Connection: domain.Connection{User: ada, State: domain.Connected}}, nil)
	return c
}

// outcome is the result of a call.
type outcome struct {
	state domain.ConnectionState
	code  string // of the error
	field string
	after time.Duration
}

// call completes the flow in a goroutine.
func (c *callback) call(ctx context.Context, actor domain.Actor, code domain.Secret) <-chan outcome {
	done := make(chan outcome, 1)
	start := time.Now()
	go func() {
		report, err := c.CompleteAuthorization(ctx, actor, code, "state")
		o := outcome{state: report.State, after: time.Since(start)}
		if e, ok := errors.AsType[*domain.Error](err); ok {
			o.code = e.Code
			if len(e.Fields) == 1 {
				o.field = e.Fields[0].Field
			}
		} else if err != nil {
			o.code = err.Error()
		}
		done <- o
	}()
	return done
}

func TestCompleteAuthorization_RepeatedCallReturnsTheSameResult(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		exchange error
		want     outcome
	}{
		"both succeed":                            {nil, outcome{state: domain.Connected}},
		"both have a rejected code":               {upstream(domain.ReasonRevoked), outcome{code: "wakatime_code_rejected", field: "code"}},
		"both have an unavailable server":         {upstream(domain.ReasonUnavailable), outcome{code: "wakatime_unavailable"}},
		"both have a server without OAuth client": {upstream(domain.ReasonMisconfig), outcome{code: "wakatime_not_configured"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				c := newCallback(t, tt.exchange)
				first, second := c.call(t.Context(), asAda, "code"), c.call(t.Context(), asAda, "code")
				a, b := <-first, <-second
				time.Sleep(time.Second)
				late := <-c.call(t.Context(), asAda, "code")

				if min(a.after, b.after) != exchangeDelay || max(a.after, b.after) > exchangeDelay+200*time.Millisecond || late.after != 0 {
					t.Errorf("responses after %v, %v and %v", a.after, b.after, late.after)
				}
				for _, got := range []outcome{a, b, late} {
					got.after = 0
					if got != tt.want {
						t.Errorf("got %+v, want %+v", got, tt.want)
					}
				}
			})
		})
	}
}

func TestCompleteAuthorization_CancelledCallIsCompleted(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		c := newCallback(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		first := c.call(ctx, asAda, "code")
		time.Sleep(time.Second)
		cancel()
		second := <-c.call(t.Context(), asAda, "code")
		<-first

		if second.code != "" || second.state != domain.Connected {
			t.Errorf("the repeated call: got %+v, want the connection", second)
		}
		if diff := cmp.Diff([]domain.Action{domain.ActWakaTimeConnect}, actions(c.uow)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCompleteAuthorization_RepeatedCallAfterAnInternalError(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		c := newCallback(t, errDatabase)
		first := <-c.call(t.Context(), asAda, "code")
		second := <-c.call(t.Context(), asAda, "code")

		if first.code == "wakatime_state_invalid" || second.code != "wakatime_state_invalid" || second.field != "state" {
			t.Errorf("got %+v and %+v, want an internal error, then wakatime_state_invalid", first, second)
		}
	})
}

func TestCompleteAuthorization_RejectsOtherRepeatedCalls(t *testing.T) {
	t.Parallel()

	elsewhere := asAda
	elsewhere.SessionID = domain.SessionID{9}
	tests := map[string]struct {
		actor domain.Actor
		code  domain.Secret
		wait  time.Duration
	}{
		"another session":  {elsewhere, "code", time.Second},
		"another user":     {asStudent, "code", time.Second},
		"another code":     {asAda, "code-2", time.Second},
		"after 30 seconds": {asAda, "code", 30 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				c := newCallback(t, nil)
				first := c.call(t.Context(), asAda, "code")
				time.Sleep(tt.wait)

				got := <-c.call(t.Context(), tt.actor, tt.code)
				if want := (outcome{code: "wakatime_state_invalid", field: "state"}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				if got := <-first; got.code != "" {
					t.Errorf("the first call: got %+v", got)
				}
			})
		})
	}
}

func TestCompleteAuthorization_RepeatedCallOfAnotherSessionsFlow(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		c := newCallback(t, nil)
		elsewhere := asAda
		elsewhere.SessionID = domain.SessionID{9}
		want := outcome{code: "wakatime_state_invalid", field: "state"}
		for _, actor := range []domain.Actor{elsewhere, asAda} {
			if got := <-c.call(t.Context(), actor, "code"); got != want {
				t.Errorf("session %v: got %+v, want %+v at once", actor.SessionID, got, want)
			}
		}
	})
}

func TestCompleteAuthorization_RepeatedCallOfACallThatNeverEnds(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		c := newCallback(t, nil)
		c.flow.ConsumedAt, c.flow.CodeHash = new(time.Now()), hash("code") // by a process that was killed

		got := <-c.call(t.Context(), asAda, "code")
		if want := (outcome{code: "wakatime_state_invalid", field: "state", after: 30 * time.Second}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.flow.ConsumedAt = new(time.Now())
		if got := <-c.call(ctx, asAda, "code"); got.after != time.Second {
			t.Errorf("a cancelled call: got %+v, want an error after a second", got)
		}
	})
}
