package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// load is work on n elements that wait at the same time in a memory backend. The time for each element must not
// grow with n. That is CPU time, of the garbage collector as well, because one run alone says little by the
// clock.
type load struct {
	name  string
	sizes []int
	run   func(n int)
}

// flat is how many times the time for each element may be that of the smallest size: the largest no longer fits
// into any cache. A quadratic algorithm takes a hundred times as long.
const flat = 8

func loads() []load {
	sizes := []int{10_000, 100_000, 1_000_000}
	return []load{
		{"retries, all due at once", sizes, loadDue},
		{"behind one held key", sizes, func(n int) { loadKeys(n, 1) }},
		{"behind a thousand held keys", sizes, func(n int) { loadKeys(n, 1000) }},
		{"one key, each fails once", sizes, loadFailures},
		{"dead letters, discarded one by one", sizes, loadDiscards},
		{"publishers that wait, cancelled", []int{1_000, 10_000, 100_000}, loadCancelled},
	}
}

// printLoad prints the time for each element at every size, and the ratio of the largest to the
// smallest.
func printLoad(w io.Writer, s settings) (missed []string, err error) {
	fmt.Fprintln(w, "memory: CPU time for each of many that wait at once")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \telements\tns CPU each\telements\tns CPU each\telements\tns CPU each\tlast against first\ttarget")
	for _, l := range loads() {
		nanos := make([]float64, len(l.sizes))
		fmt.Fprintf(t, "  %s", l.name)
		for i, n := range l.sizes {
			if s.round < 20*time.Millisecond { // it is only to show that it runs
				n = max(n/1000, 10)
			}
			nanos[i] = l.measure(n, max(1, s.rounds/10))
			fmt.Fprintf(t, "\t%s\t%.0f", thousands(float64(n)), nanos[i])
		}
		ratio := nanos[len(nanos)-1] / nanos[0]
		verdict := "reached"
		if ratio > flat {
			verdict = "MISSED"
			missed = append(missed, fmt.Sprintf("  memory-load: %s: %.1f × the time for each, target ≤ %d", l.name, ratio, flat))
		}
		fmt.Fprintf(t, "\t%.1f × its time\t≤ %d  %s\n", ratio, flat, verdict)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

// measure returns the median time for each of n elements.
func (l load) measure(n, rounds int) float64 {
	times := make([]float64, rounds)
	for i := range times {
		runtime.GC()
		start := cpuTime()
		l.run(n)
		times[i] = float64(cpuTime()-start) / float64(n)
	}
	return median(times)
}

// loaded is an organ without a spine, so that the backend alone is measured.
type loaded struct {
	*memory.Backend
	contract.Consumer
	ctx context.Context
}

var waits = &contract.EventType{Name: "WAITS", Version: 1}

func newLoaded(limit int, order contract.OrderMode) loaded {
	b, ctx := memory.New(memory.WithLimit(limit)), context.Background()
	cs, err := b.Subscribe(ctx, []contract.Subscription{{
		Organ: "organ", Path: "bench", Events: []*contract.EventType{waits}, Lease: time.Hour, Order: order,
	}})
	check(err)
	return loaded{b, cs[0], ctx}
}

func (l loaded) publish(key string) {
	_, err := l.PublishOne(l.ctx, necro.Message{ID: necro.NewID(), Type: waits, Key: key, Nanos: 1}, contract.PublishOptions{})
	check(err)
}

// settle fetches n deliveries, and settles them as what says.
func (l loaded) settle(n int, what func(d *contract.Delivery) contract.Outcome) {
	for n > 0 {
		ds, err := l.Fetch(l.ctx, min(n, 128))
		check(err)
		outcomes := make([]contract.Outcome, len(ds))
		for i := range ds {
			outcomes[i] = what(&ds[i])
		}
		_, err = l.Settle(l.ctx, outcomes)
		check(err)
		n -= len(ds)
	}
}

func done(d *contract.Delivery) contract.Outcome { return contract.Outcome{Delivery: d} }

func again(d *contract.Delivery) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry}
}

func dead(d *contract.Delivery) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonPermanent}}
}

func loadDue(n int) {
	l := newLoaded(n, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	for range n {
		l.publish("")
	}
	l.settle(n, again)
	l.settle(n, done)
}

// loadKeys holds keys, has the events behind them set aside, and lets the keys go.
func loadKeys(n, keys int) {
	l := newLoaded(n+keys+1, necro.OrderKey)
	defer l.Backend.Close()
	for i := range keys {
		l.publish(strconv.Itoa(i))
	}
	l.settle(keys, func(d *contract.Delivery) contract.Outcome {
		return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry, Delay: time.Duration(n) * 50}
	})
	for i := range n {
		l.publish(strconv.Itoa(i % keys))
	}
	l.publish("another")
	l.settle(n+keys+1, done)
}

// loadFailures has each event of one key fail once, while all others wait behind it.
func loadFailures(n int) {
	l := newLoaded(n, necro.OrderKey)
	defer l.Backend.Close()
	for range n {
		l.publish("key")
	}
	for range n {
		l.settle(1, again)
		l.settle(1, done)
	}
}

func loadDiscards(n int) {
	l := newLoaded(n, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	for range n {
		l.publish("")
	}
	l.settle(n, dead)
	letters, err := l.DeadLetters(l.ctx, "organ", necro.ID{}, n)
	check(err)
	slices.Reverse(letters[:n/2]) // in no order of theirs
	for i := range letters {
		_, err := l.Discard(l.ctx, "organ", letters[i].ID)
		check(err)
	}
}

func loadCancelled(n int) {
	l := newLoaded(1, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	l.publish("")
	_, err := l.Fetch(l.ctx, 1) // from now on publishers wait
	check(err)
	ctx, cancel := context.WithCancel(l.ctx)
	var waiting sync.WaitGroup
	for range n {
		waiting.Go(func() { l.PublishOne(ctx, necro.Message{Type: waits}, contract.PublishOptions{}) })
	}
	cancel()
	waiting.Wait()
}
