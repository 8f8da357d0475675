package redisstream

import (
	"context"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
)

// Fullness returns the memory that the fullest server uses in parts of its maxmemory; 0 when none has
// such a limit. Emissions are stored beyond it, because a full server must be able to drain. A server that
// is down is passed over: organs ask before they fetch what the others have.
func (b *Backend) Fullness(ctx context.Context) (fullest float64, err error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return 0, err
	}
	down := 0
	for _, p := range b.partitions {
		full, asked := p.fullnessSoon(ctx)
		if asked == nil {
			fullest = max(fullest, full)
			continue
		}
		if down++; !b.process.MayWait(asked) || down == len(b.partitions) {
			return 0, p.ExplainError(asked)
		}
	}
	return fullest, nil
}

// fullnessSoon is fullness, which does not wait for a server that does not answer where there are others.
func (p *partition) fullnessSoon(ctx context.Context) (float64, error) {
	if len(p.b.partitions) == 1 {
		return p.serverFullness(ctx)
	}
	if err := p.PutOff(); err != nil {
		return 0, err
	}
	return loop.CallWithin(ctx, &p.looks, loop.ReadPatience, func() (float64, error) { return p.serverFullness(ctx) })
}

// serverFullness asks the server of a partition.
func (p *partition) serverFullness(ctx context.Context) (float64, error) {
	answer := p.SendCommand(ctx, []any{"info", "memory"})
	fields := conn.ParseInfo(string(answer.Bulk()))
	if answer.Err != nil {
		return 0, answer.Err
	}
	limit, err := fields.Number("maxmemory")
	if err != nil || limit == 0 {
		return 0, err
	}
	used, err := fields.Number("used_memory")
	return used / limit, err
}
