package redisstream

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

// tailBlock is how long one look of Tail waits, and so how late it learns of a new organ.
const tailBlock = 500 * time.Millisecond

// Tail calls visit with every event that is stored from now on, once for each organ, until ctx is done or visit
// returns false. It takes nothing from any organ. An event that is handled between two of its looks, some
// milliseconds apart, may be missing. An event that waits for its key, or for a retry, was visited when it was
// published. The user needs the command XREAD.
func (b *Backend) Tail(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	err := b.tailPartitions(ctx, visit)
	if err != nil && b.process.Done.Err() != nil { // the error is that of a connection which Close has closed
		return contract.ErrClosed
	}
	return err
}

// tailPartitions tails all partitions at once.
func (b *Backend) tailPartitions(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return err
	}
	// The reads do not see a deadline: they would fail at it a moment before ctx is done.
	outer := ctx
	ctx, cancel := context.WithCancel(context.WithoutCancel(outer))
	defer cancel()
	defer context.AfterFunc(outer, cancel)()
	var mu sync.Mutex
	more := true
	one := func(s contract.Stored) bool {
		mu.Lock()
		defer mu.Unlock()
		if more = more && visit(s); !more {
			cancel()
		}
		return more
	}
	errs := make([]error, len(b.partitions))
	var tails sync.WaitGroup
	for i, p := range b.partitions {
		tails.Go(func() {
			if errs[i] = p.tailStreams(ctx, one); errs[i] != nil {
				cancel()
			}
		})
	}
	tails.Wait()
	return errors.Join(errs...)
}

func (p *partition) tailStreams(ctx context.Context, visit func(contract.Stored) bool) error {
	from, err := p.idOfNow(ctx)
	last := map[string]string{} // id of the last entry that was read, by key
	for err == nil && ctx.Err() == nil {
		var places map[string]contract.Stored
		if places, err = p.tailedStreams(ctx); err != nil {
			break
		}
		err = p.lookOnce(ctx, places, last, from, visit)
	}
	if ctx.Err() != nil {
		return nil
	}
	return p.ExplainError(err)
}

// tailedStreams are the streams that new events may come to.
func (p *partition) tailedStreams(ctx context.Context) (map[string]contract.Stored, error) {
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string]contract.Stored{p.Key("park:"): {Place: contract.PlaceParked}} // never empty
	for organ, to := range t.Organs {
		places[p.Key("q:"+organ)] = contract.Stored{Place: contract.PlaceReady, Organ: to.Shown}
	}
	r := p.SendCommand(ctx, []any{"hgetall", p.Key("n")})
	for field := range r.Pairs() {
		if event, ok := strings.CutPrefix(field, "parked "); ok {
			places[p.Key("park:"+event)] = contract.Stored{Place: contract.PlaceParked}
		}
	}
	return places, r.Err
}

// lookOnce waits for entries behind those that were read, and visits their messages.
func (p *partition) lookOnce(ctx context.Context, places map[string]contract.Stored, last map[string]string, from string, visit func(contract.Stored) bool) error {
	keys := slices.Sorted(maps.Keys(places))
	ids := make([]string, len(keys))
	for i, key := range keys {
		if ids[i] = last[key]; ids[i] == "" {
			ids[i] = from
		}
	}
	words := []any{"xread", "count", storedPage, "block", tailBlock.Milliseconds(), "streams"}
	for _, word := range append(keys, ids...) {
		words = append(words, word)
	}
	streams, err := loop.ParseRead(p.SendCommand(ctx, words))
	for _, stream := range streams {
		for _, entry := range stream.List {
			last[stream.Name] = string(entry.ID)
			if !eachMessage(string(entry.Pack), "", places[stream.Name], visit) {
				return nil
			}
		}
	}
	return err
}

// idOfNow is what the ids of entries begin from that are stored from now on.
func (p *partition) idOfNow(ctx context.Context) (string, error) {
	r := p.SendCommand(ctx, []any{"time"})
	r.ArrayOf(2)
	seconds, micros := string(r.Bulk()), string(r.Bulk())
	if r.Err != nil {
		return "", r.Err
	}
	n, err := strconv.Atoi(micros)
	if err != nil || n < 0 || n >= 1e6 {
		return "", fmt.Errorf("%w: a time with %.20q microseconds", resp.ErrShape, micros)
	}
	return fmt.Sprintf("%s%03d-0", seconds, n/1000), nil
}
