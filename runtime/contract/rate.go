package contract

import (
	"context"
	"time"
)

// Rate is how many attempts of an organ may begin in a period, over all processes. The zero value is no limit.
type Rate struct {
	Count int
	Per   time.Duration
}

// Burst is how long tokens are saved up: a tenth of the period, and at least one token.
func (r Rate) Burst() time.Duration { return max(r.Per/10, r.tokenInterval()) }

// Block is how many tokens there are at most at one moment.
func (r Rate) Block() int { return int(r.Burst() / r.tokenInterval()) }

// tokenInterval is the time between two tokens.
func (r Rate) tokenInterval() time.Duration { return max(1, r.Per/time.Duration(max(1, r.Count))) }

// Spend is the arithmetic of [RatingBackend.TakeTokens]: a backend keeps one number of an organ, up to when its tokens are
// spent. Both times are nanoseconds of the backend's clock; a number in the far future is that of another rate, or of a
// clock that was set back.
func (r Rate) Spend(spentUpTo, now int64, n int) (taken int, spent int64, wait time.Duration) {
	full := now + int64(r.Burst())
	spent = min(max(spentUpTo, now), full)
	if taken = int(min(int64(n), (full-spent)/int64(r.tokenInterval()))); taken > 0 {
		return taken, spent + int64(taken)*int64(r.tokenInterval()), 0
	}
	return 0, spent, time.Duration(spent + int64(r.tokenInterval()) - full)
}

// RatingBackend is a Backend that counts the attempts of an organ over all processes. Organs with a rate need one.
type RatingBackend interface {
	Backend
	// TakeTokens takes at most n tokens of an organ, which is named by its identity, and returns how many it took. Without
	// any it returns when the next one comes. Tokens come evenly, Count in a period, and are saved up for [Rate.Burst]; what
	// was taken and is not used, or was taken by a call whose answer was lost, is gone. The caller uses a token within the
	// time of Burst.
	TakeTokens(ctx context.Context, organ string, r Rate, n int) (taken int, wait time.Duration, err error)
}
