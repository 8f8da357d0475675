package redisstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Health is one look at each partition. How many deliveries are stored is exact; how many of
// them are leased is exact up to a thousand leased entries of an organ. A partition that cannot be
// looked at makes an error that names it, beside what the others hold.
func (b *Backend) Health(ctx context.Context) contract.Health {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return contract.Health{Err: err}
	}
	organs := map[string]*contract.OrganHealth{}
	parks := map[string]*contract.ParkHealth{}
	h := contract.Health{Durability: b.process.Durability}
	h.Err = b.addHealth(ctx, &h, organs, parks)
	addRows(&h, organs, parks)
	return h
}

// addRows adds the organs and the parks, sorted by name.
func addRows(h *contract.Health, organs map[string]*contract.OrganHealth, parks map[string]*contract.ParkHealth) {
	for _, o := range organs {
		h.Organs = append(h.Organs, *o)
	}
	slices.SortFunc(h.Organs, func(a, b contract.OrganHealth) int { return cmp.Compare(a.Organ, b.Organ) })
	for _, name := range slices.Sorted(maps.Keys(parks)) {
		h.Parked = append(h.Parked, *parks[name])
	}
}

// addHealth looks at all partitions at once, since one of them may take its time. The error names those
// that cannot be looked at.
func (b *Backend) addHealth(ctx context.Context, h *contract.Health, organs map[string]*contract.OrganHealth, parks map[string]*contract.ParkHealth) error {
	errs := make([]error, len(b.partitions))
	var looking sync.WaitGroup
	var mu sync.Mutex
	for i, p := range b.partitions {
		looking.Go(func() {
			t, look, err := p.lookAtAll(ctx)
			if errs[i] = p.ExplainError(err); err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			addLook(organs, parks, t, look)
			look.addTimes(h)
		})
	}
	looking.Wait()
	return joinLines(errs)
}

// joinLines joins errors into one of one line.
func joinLines(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) < 2 {
		return errors.Join(errs...)
	}
	return &linesError{errs}
}

// linesError is several errors in one line.
type linesError struct{ errs []error }

func (e *linesError) Unwrap() []error { return e.errs }

func (e *linesError) Error() string {
	text := e.errs[0].Error() + "; also "
	for i, err := range e.errs[1:] {
		var of *conn.PartitionError
		if i > 0 {
			text += ", "
		}
		if errors.As(err, &of) {
			text += fmt.Sprint("partition ", of.Number)
		} else {
			text += err.Error()
		}
	}
	return text
}

// Of organs that hold more than heldAtOnce together the number of leased deliveries, and their age,
// are looked up in pages, up to heldLimit entries of each stream.
const (
	heldAtOnce = 4000
	heldLimit  = 1000
)

// addHealth adds what a partition holds.
func (p *partition) addHealth(ctx context.Context, organs map[string]*contract.OrganHealth, parks map[string]*contract.ParkHealth) (*healthLook, error) {
	t, look, err := p.lookAtAll(ctx)
	if err == nil {
		addLook(organs, parks, t, look)
	}
	return look, err
}

// lookAtAll is one look at all organs of a partition, and others at those that hold much.
func (p *partition) lookAtAll(ctx context.Context) (t *table.Bindings, look *healthLook, err error) {
	t, err = p.CurrentTable(ctx)
	for range table.MaxStale {
		if err != nil {
			return nil, nil, err
		}
		names := slices.Sorted(maps.Keys(t.Organs))
		limit := max(1, min(heldLimit, heldAtOnce/max(1, len(names))))
		look = p.lookAt(ctx, t, names, limit)
		if look.err == nil && look.digest != t.Digest {
			t, err = p.ReloadTable(ctx)
			continue
		}
		if look.err == nil && limit < heldLimit {
			look.err = p.lookCloser(ctx, t, look)
		}
		return t, look, look.err
	}
	return nil, nil, table.ErrStale
}

// addLook adds what a look at a partition tells.
func addLook(organs map[string]*contract.OrganHealth, parks map[string]*contract.ParkHealth, t *table.Bindings, look *healthLook) {
	for name, to := range t.Organs {
		if organs[name] == nil {
			organs[name] = &contract.OrganHealth{Organ: to.Shown, Identity: table.UnlessUsual(to.Shown, name)}
		}
		addOrgan(organs[name], name, look.organs[name], look.counts, look.pauses)
	}
	addBreakers(organs, look.breakers)
	addHandOvers(organs, t, look.counts)
	addParks(parks, look.counts)
}

// healthLook is what one look at a partition tells.
type healthLook struct {
	digest         string
	counts, pauses map[string]string
	breakers       []string // organs and states by turns
	organs         map[string]store.OrganState
	overdue        time.Duration
	err            error
}

// addTimes adds what the partition tells of its schedule and of the server's clock. Of the steps of clocks the most of one
// partition count, because one clock may keep several.
func (l *healthLook) addTimes(h *contract.Health) {
	h.Delayed, h.Overdue = h.Delayed+countOf(l.counts, "later"), max(h.Overdue, l.overdue)
	if n := countOf(l.counts, "clock steps"); n > h.ClockSteps {
		h.ClockSteps, h.ClockStep = n, time.Duration(countOf(l.counts, "clock step"))*time.Millisecond
	}
}

func (p *partition) lookAt(ctx context.Context, t *table.Bindings, names []string, limit int) *healthLook {
	request := store.HealthRequest{Keys: p.Keys(), Limit: limit}
	for _, name := range names {
		request.Organs = append(request.Organs, store.HealthOrgan{Name: name, Order: t.Organs[name].HealthOrder(), Lanes: t.Organs[name].Mode.Lanes > 1})
	}
	h, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	look := &healthLook{digest: h.Digest, counts: h.Counters, pauses: h.Pauses, breakers: h.Breakers, overdue: h.Overdue, organs: map[string]store.OrganState{}, err: err}
	for i := range h.Organs {
		look.organs[names[i]] = h.Organs[i]
	}
	return look
}

// lookCloser counts the leased deliveries of organs that hold more than the first look has counted.
func (p *partition) lookCloser(ctx context.Context, t *table.Bindings, look *healthLook) error {
	var names []string
	for name, row := range look.organs {
		if row.More {
			names = append(names, name)
		}
	}
	for page := range slices.Chunk(names, heldAtOnce/heldLimit) {
		closer := p.lookAt(ctx, t, page, heldLimit)
		if closer.err != nil {
			return closer.err
		}
		for name, row := range closer.organs {
			first := look.organs[name]
			first.Leased, first.Oldest, first.Silent = row.Leased, row.Oldest, row.Silent
			look.organs[name] = first
		}
	}
	return nil
}

func countOf(counts map[string]string, name string) int {
	n, _ := strconv.Atoi(counts[name]) // 0 where nothing was counted
	return n
}

// addOrgan adds one organ's row of the reply, and its counters.
func addOrgan(o *contract.OrganHealth, identity string, row store.OrganState, counts, pauses map[string]string) {
	stored := row.Entries + max(countOf(counts, "more "+identity), 0) // below 0 by packs that others wrote
	leased := min(row.Leased, stored)
	ready := stored - leased
	o.Leased += leased
	o.Scheduled += max(countOf(counts, "due "+identity), 0) + row.Aside
	if row.Held {
		o.Scheduled += ready
	} else {
		o.Ready += ready
	}
	o.Dead += row.Dead
	o.DeadBytes += int64(max(countOf(counts, "deadbytes "+identity), 0))
	o.Oldest = max(o.Oldest, time.Duration(row.Oldest)*time.Millisecond)
	o.OldestLeased = max(o.OldestLeased, time.Duration(row.Silent)*time.Millisecond)
	o.Consumers = max(o.Consumers, row.Consumers)
	if reason, ok := pauses[identity]; ok {
		o.Paused = reason
	} else if limits, ok := pauses[identity+"!"]; ok && o.Paused == "" {
		letters, bytes, _ := strings.Cut(limits, " ")
		o.Paused = "it has as many dead letters as it may: " + letters + ", or " + bytes + " bytes"
	}
}

// addHandOvers counts the events that are still to be handed over as scheduled for the organs that get them.
// They are not parked any more.
func addHandOvers(organs map[string]*contract.OrganHealth, t *table.Bindings, counts map[string]string) {
	for event, names := range t.Draining {
		for _, name := range names {
			if o := organs[name]; o != nil {
				o.Scheduled += countOf(counts, "parked "+event)
			}
		}
		delete(counts, "parked "+event)
	}
}

func addParks(parks map[string]*contract.ParkHealth, counts map[string]string) {
	park := func(name string) *contract.ParkHealth {
		if parks[name] == nil {
			parks[name] = &contract.ParkHealth{Event: name}
		}
		return parks[name]
	}
	for field := range counts {
		if name, ok := strings.CutPrefix(field, "parked "); ok {
			park(name).Parked += countOf(counts, field)
		} else if name, ok := strings.CutPrefix(field, "parklost "); ok {
			park(name).Dropped += countOf(counts, field)
		}
	}
}

// addBreakers adds the breakers that a partition knows of, unless another one has told of as many.
func addBreakers(organs map[string]*contract.OrganHealth, breakers []string) {
	found := map[string]*contract.OrganHealth{}
	for i := 0; i+1 < len(breakers); i += 2 {
		b, ok := loop.ReadBreaker(breakers[i+1])
		if name := breakers[i]; ok && organs[name] != nil {
			if found[name] == nil {
				found[name] = &contract.OrganHealth{}
			}
			found[name].AddBreaker(b)
		}
	}
	for name, h := range found {
		if o := organs[name]; h.OpenBreakers > o.OpenBreakers {
			o.OpenBreakers, o.Breaker = h.OpenBreakers, h.Breaker
		}
	}
}
