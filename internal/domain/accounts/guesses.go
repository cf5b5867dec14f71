package accounts

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// guessLimits limit wrong guesses at an account's secrets, from any number of addresses: 10 at
// once, then one a minute, and after 50 one every half hour. That is at most 98 in any 24 hours.
// An account is never locked, so nobody can lock out its owner for good.
var guessLimits = []domain.RateLimit{
	{Name: "guesses", Burst: 10, Every: time.Minute},
	{Name: "guesses_of_a_day", Burst: 50, Every: 30 * time.Minute},
}

// networkGuesses limits wrong guesses from one address at any number of accounts. A class of 60
// behind one address makes 6 typos, a school of 1,000 makes 100.
var networkGuesses = domain.RateLimit{Name: "guesses_of_a_network", Burst: 120, Every: 20 * time.Second}

// guesses limits how often somebody can guess a secret.
type guesses struct {
	limiter  ports.RateLimiter
	security ports.SecurityLog
}

// guess is an attempt that counts as a wrong guess until it turns out to be right. It counts
// before it is verified, because any number of attempts can be verified at the same time.
type guess struct {
	limiter ports.RateLimiter
	taken   []bucket
}

// bucket is what guesses are counted in.
type bucket struct {
	limit domain.RateLimit
	key   string
}

// begin counts a guess if the limits allow it. event says whose secret it is, and who guesses.
// Errors: ErrRateLimited.
func (g guesses) begin(ctx context.Context, counted []bucket, event domain.SecurityEvent) (guess, error) {
	attempt := guess{limiter: g.limiter}
	for _, b := range counted {
		quota := g.limiter.Take(ctx, b.limit, b.key)
		if err := quota.Err(b.limit); err != nil {
			attempt.right(ctx)
			g.report(ctx, b, event)
			return guess{}, err
		}
		attempt.taken = append(attempt.taken, b)
	}
	return attempt, nil
}

// signInBuckets returns what counts guesses of somebody who signs in to an account. A device that
// signed in to it before has limits of its own, so that nobody else can use up those of its owner.
func signInBuckets(account, device string, from domain.Origin) []bucket {
	if device != "" {
		return buckets("device", device)
	}
	return append(buckets("account", account), bucket{networkGuesses, from.Network()})
}

// passwordBuckets returns what counts guesses of somebody with a session at the password of its
// user. They leave those of signing in alone, so that a stolen session cannot use them up.
func passwordBuckets(user domain.UserID) []bucket { return buckets("session", string(user[:])) }

// buckets returns those of the guesses at something.
func buckets(kind, of string) []bucket {
	var all []bucket
	for _, limit := range guessLimits {
		all = append(all, bucket{limit, keyOf(kind, of)})
	}
	return all
}

// keyOf returns the key of something. It is a hash: keys are stored, and what people type can be a
// password.
func keyOf(kind, of string) string {
	hash := sha256.Sum256([]byte(of))
	return kind + ":" + string(hash[:16])
}

// report records that a limit was reached.
func (g guesses) report(ctx context.Context, b bucket, event domain.SecurityEvent) {
	if !g.limiter.Take(ctx, domain.LimitEvents, b.limit.Name+":"+b.key).Allowed {
		return
	}
	event.Kind, event.Reason = domain.EventRateLimited, b.limit.Name
	g.security.Record(ctx, event)
}

// asKnown returns a context in which passwords are hashed for a signed-in user.
func asKnown(ctx context.Context, actor domain.Actor) context.Context {
	return ports.WithHashClient(ctx, ports.HashClient{Key: "user:" + string(actor.UserID[:]), Known: true})
}

// right gives the guess back: it was not wrong, or nobody found out.
func (g guess) right(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, b := range g.taken {
		g.limiter.Return(ctx, b.limit, b.key)
	}
}
