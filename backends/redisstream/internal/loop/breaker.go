package loop

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// An open breaker stands among the counters of each partition, under its organ and its process, and
// counts while the process is alive. What a process that was killed leaves is taken away by the next
// one that tells of a breaker.

// breakerKept is how long behind its next try the breaker of a process that is gone may stand there.
const breakerKept = time.Hour

// TellBreaker notes the breaker for Health, in all partitions that can be reached. An error tells of the others; the
// runtime goes on in any case, because a breaker works without being known.
func (c *consumer) TellBreaker(ctx context.Context, b contract.BreakerState) error {
	if c.isClosed() {
		return contract.ErrClosed
	}
	var errs []error
	for _, q := range c.queues {
		errs = append(errs, q.tellBreaker(ctx, b))
	}
	return errors.Join(errs...)
}

// breakerField returns the name of the breaker among the counters. It ends with the process, which must be alive for the
// breaker to count.
func (q *queue) breakerField() string { return "breaker " + q.organ + " " + q.p.process.Name }

// tellBreaker writes the breaker of this process, or takes it away when it is closed. An open one also takes away those
// of processes that are long gone, because they cannot do so themselves.
func (q *queue) tellBreaker(ctx context.Context, b contract.BreakerState) error {
	key := q.p.Key("n")
	// The field is deleted and written by two commands: Health may miss the breaker between them, and shows it a moment
	// later.
	commands := [][]any{{"hdel", key, q.breakerField()}}
	if !b.Since.IsZero() {
		if forgotten := q.forgottenBreakers(ctx, key); len(forgotten) > 0 {
			commands = append(commands, append([]any{"hdel", key}, forgotten...))
		}
		state := fmt.Sprintf("%d %d %d", b.Since.UnixMilli(), b.Failures, b.Next.UnixMilli())
		commands = append(commands, []any{"hset", key, q.breakerField(), state})
	}
	for _, command := range commands {
		if r := q.p.SendCommand(ctx, command); r.Err != nil {
			return q.p.ExplainError(r.Err)
		}
	}
	q.told.Store(!b.Since.IsZero())
	return nil
}

// forgottenBreakers returns the fields of processes that should have tried long ago, and of values that are no breakers.
// An error of the read finds none: the next breaker that opens looks again.
func (q *queue) forgottenBreakers(ctx context.Context, key string) (fields []any) {
	r := q.p.SendCommand(ctx, []any{"hgetall", key})
	for field, state := range r.Pairs() {
		b, ok := ReadBreaker(state)
		if strings.HasPrefix(field, "breaker ") && (!ok || time.Since(b.Next) > breakerKept) {
			fields = append(fields, field)
		}
	}
	return fields
}

// ReadBreaker reads what tellBreaker wrote.
func ReadBreaker(state string) (b contract.BreakerState, ok bool) {
	words := strings.Fields(state)
	if len(words) != 3 {
		return b, false
	}
	since, err := strconv.ParseInt(words[0], 10, 64)
	failures, err2 := strconv.ParseInt(words[1], 10, 32)
	next, err3 := strconv.ParseInt(words[2], 10, 64)
	if errors.Join(err, err2, err3) != nil || failures < 0 {
		return b, false
	}
	return contract.BreakerState{Since: time.UnixMilli(since), Failures: int(failures), Next: time.UnixMilli(next)}, true
}
