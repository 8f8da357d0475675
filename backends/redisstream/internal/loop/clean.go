package loop

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// Things that no process misses stay behind in Redis: the consumers of processes that have crashed, tokens and ids whose
// time is over, and records of states that have expired. The process that sweeps takes some of them away every few
// seconds. Each step is bounded, so that a namespace with much to clean costs the server no long script.

// silence is how long a consumer without deliveries has not been heard of when it is removed.
const silence = time.Hour

// Bounds of the things that one step of cleaning removes, and how many sweeps it is one of.
const (
	maxGone    = 250
	maxOldIDs  = 1000
	cleanEvery = 5
)

// cleanUp removes consumers of crashed processes and old ids of callers, of one of the partition's streams at a time. The
// process that sweeps does so, for the organs of all: the script answers whether this process is the one.
func (p *Partition) cleanUp(ctx context.Context, turn int) {
	t, err := p.CurrentTable(ctx)
	if err != nil {
		return
	}
	p.sweepStates(ctx, t)
	var streams []string
	for _, name := range slices.Sorted(maps.Keys(t.Organs)) {
		streams = append(streams, p.Key("q:"+name))
		if t.Organs[name].Mode.Order != "-" {
			streams = append(streams, p.Key("first:"+name))
		}
	}
	if len(streams) > 0 {
		p.sweepStream(ctx, streams[turn%len(streams)], silence)
	}
}

// sweepStream removes some of the consumers of a stream that hold no entry and were silent for so long. Their list has no
// pages: it is asked for outside of the script, where reading it costs the server a tenth. A consumer that speaks between
// the list and the removal is made again by its next read.
func (p *Partition) sweepStream(ctx context.Context, stream string, silent time.Duration) {
	// The first call removes old ids, and answers whether this process sweeps. The second one removes the consumers.
	request := store.SweepRequest{Keys: p.Keys(), Stream: stream, Process: p.process.Name, Limit: maxOldIDs}
	if reply, err := request.ReadReply(p.RunCall(ctx, request.Call())); err != nil || !reply.Sweeps {
		return
	}
	r := p.SendCommand(ctx, []any{"xinfo", "consumers", stream, "necro"})
	request.Limit = 0
	for range max(r.Array(), 0) {
		name, pending, idle := ReadConsumer(r)
		if pending == 0 && idle > silent && len(request.Consumers) < maxGone {
			request.Consumers = append(request.Consumers, name)
		}
	}
	if r.Err == nil && len(request.Consumers) > 0 {
		p.RunCall(ctx, request.Call())
	}
}

// ReadConsumer reads one consumer of the reply to XINFO CONSUMERS, and leaves the reply in front of the next one. Fields of
// later versions of the server are passed over. An error stays in the reply.
func ReadConsumer(r *resp.Reply) (name string, pending int, idle time.Duration) {
	for range max(r.Array(), 0) / 2 {
		switch field := strings.ToLower(string(r.Bulk())); field {
		case "name":
			name = string(r.Bulk())
		case "pending":
			pending = r.Int()
		case "idle":
			idle = time.Duration(r.Int()) * time.Millisecond
		default:
			r.Int()
		}
	}
	return name, pending, idle
}

// Bounds of one sweep through an organ's records whose time may be over.
const (
	sweepPages  = 10
	sweepStates = 500 // in a page
)

// sweepStates removes records whose time is over, of each organ with state. The process that sweeps does so.
func (p *Partition) sweepStates(ctx context.Context, t *table.Bindings) {
	for _, to := range t.Organs {
		request := store.SweepStateRequest{Keys: p.Keys(), Organ: to.Organ, Process: p.process.Name, Limit: sweepStates, Bytes: pageBytes}
		more := to.Stateful
		for page := 0; more && page < sweepPages; page++ {
			reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
			if err != nil {
				p.process.Log.Warn("redis: cannot remove states whose time is over: they count as absent until then", "organ", to.Shown, "error", p.ExplainError(err))
			}
			more = reply.More
		}
	}
}
