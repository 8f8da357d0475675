package redisstream

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A schedule has one home, the partition of its name: its ticks are stored there with the note of how far it has fired, which
// is a field of the hash every.

// FiredUpTo takes in a claim, and returns how far a schedule is.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (contract.ScheduleState, error) {
	return b.moveSchedule(ctx, &contract.Firing{Schedule: schedule, Claim: claim})
}

// Fire stores the ticks of a schedule and moves it, if it is where the firing says and the time has come by the server's
// clock.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (contract.ScheduleState, error) {
	if len(f.Ticks) > maxTicks {
		return contract.ScheduleState{}, fmt.Errorf("fire %s: %d ticks, at most %d", f.Schedule, len(f.Ticks), maxTicks)
	}
	return b.moveSchedule(ctx, &f)
}

// maxTicks is how many ticks a step has at most.
const maxTicks = 100

// moveSchedule runs the step. A firing to no time only asks.
func (b *Backend) moveSchedule(ctx context.Context, f *contract.Firing) (contract.ScheduleState, error) {
	ticks := &publishCall{}
	for i := range f.Ticks {
		payload, err := f.Ticks[i].Encoded()
		if err != nil {
			return contract.ScheduleState{}, fmt.Errorf("encode %s: %w", f.Ticks[i].Type.Name, err)
		}
		ticks.addMessage(i, &f.Ticks[i], payload)
	}
	if err := b.process.ConnectOnce(ctx); err != nil {
		return contract.ScheduleState{}, err
	}
	p := b.partitions[b.partitionOf(&contract.Message{Key: f.Schedule})]
	if err := p.OpenOnce(ctx); err != nil {
		return contract.ScheduleState{}, p.ExplainError(err)
	}
	request := store.EveryRequest{Keys: p.Keys(), Schedule: f.Schedule, Wants: f.Claim.Wants, Alive: f.Claim.For, Bound: f.Bound,
		After: millisOf(f.After), Up: millisOf(f.UpTo)}
	reply, err := request.ReadReply(p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		request.Digest, request.Rows = t.Digest, ticks.rowsFor(table.NewRoutes(p.Keys(), t))
		return p.RunCall(ctx, request.Call())
	}))
	if err != nil {
		return contract.ScheduleState{}, p.ExplainError(err)
	}
	return contract.ScheduleState{FiredUpTo: nanosOf(reply.FiredUpTo), Now: nanosOf(reply.Now), Bound: reply.Bound, Fired: reply.Fired}, nil
}

// Schedules returns the records of all schedules, of all partitions. What is no record is left out.
func (b *Backend) Schedules(ctx context.Context) (list []contract.ScheduleRecord, err error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	for _, p := range b.partitions {
		r := p.SendCommand(ctx, []any{"hgetall", p.Key("every")})
		fields := r.Strings()
		if r.Err != nil {
			return nil, fmt.Errorf("list the schedules: %w", p.ExplainError(r.Err))
		}
		for i := 0; i+1 < len(fields); i += 2 {
			if found, ok := store.ReadEvery(fields[i+1]); ok {
				list = append(list, contract.ScheduleRecord{Schedule: fields[i], FiredUpTo: nanosOf(found.FiredUpTo), Bound: found.Bound,
					Until: nanosOf(found.Until), Named: nanosOf(found.Named)})
			}
		}
	}
	slices.SortFunc(list, func(x, y contract.ScheduleRecord) int { return strings.Compare(x.Schedule, y.Schedule) })
	return list, nil
}

// rowsFor puts the call's messages together as rows, each to the organs of its event.
func (c *publishCall) rowsFor(rs *table.Routes) *store.Rows {
	w, from := store.NewRows(&rs.Routes), 0
	for _, it := range c.items {
		w.End(append(w.Begin(rs.RouteOf(it.typ)), c.bytes[from:it.end]...))
		from = it.end
	}
	w.Close()
	return w
}

// Schedules are exact to the millisecond.
func millisOf(nanos int64) int64 { return nanos / int64(time.Millisecond) }
func nanosOf(millis int64) int64 { return millis * int64(time.Millisecond) }
