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

func memoryLoads() []load {
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
	for _, l := range memoryLoads() {
		nanos := make([]float64, len(l.sizes))
		fmt.Fprintf(t, "  %s", l.name)
		for i, n := range l.sizes {
			if s.round < 20*time.Millisecond { // it is only to show that it runs
				n = max(n/1000, 10)
			}
			nanos[i] = l.measureEach(n, max(1, s.rounds/10))
			fmt.Fprintf(t, "\t%s\t%.0f", withCommas(float64(n)), nanos[i])
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

// measureEach returns the median time for each of n elements.
func (l load) measureEach(n, rounds int) float64 {
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
	checkError(err)
	return loaded{b, cs[0], ctx}
}

func (l loaded) publishOne(key string) {
	_, err := l.PublishOne(l.ctx, necro.Message{ID: necro.NewID(), Type: waits, Key: key, Nanos: 1}, contract.PublishOptions{})
	checkError(err)
}

// settleNext fetches n deliveries, and settles them as what says.
func (l loaded) settleNext(n int, what func(d *contract.Delivery) contract.Outcome) {
	for n > 0 {
		ds, err := l.Fetch(l.ctx, min(n, 128))
		checkError(err)
		outcomes := make([]contract.Outcome, len(ds))
		for i := range ds {
			outcomes[i] = what(&ds[i])
		}
		_, err = l.Settle(l.ctx, outcomes)
		checkError(err)
		n -= len(ds)
	}
}

func ackOutcome(d *contract.Delivery) contract.Outcome { return contract.Outcome{Delivery: d} }

func retryOutcome(d *contract.Delivery) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry}
}

func deadOutcome(d *contract.Delivery) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonPermanent}}
}

func loadDue(n int) {
	l := newLoaded(n, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	for range n {
		l.publishOne("")
	}
	l.settleNext(n, retryOutcome)
	l.settleNext(n, ackOutcome)
}

// loadKeys holds keys, has the events behind them set aside, and lets the keys go.
func loadKeys(n, keys int) {
	l := newLoaded(n+keys+1, necro.OrderKey)
	defer l.Backend.Close()
	for i := range keys {
		l.publishOne(strconv.Itoa(i))
	}
	l.settleNext(keys, func(d *contract.Delivery) contract.Outcome {
		return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry, Delay: time.Duration(n) * 50}
	})
	for i := range n {
		l.publishOne(strconv.Itoa(i % keys))
	}
	l.publishOne("another")
	l.settleNext(n+keys+1, ackOutcome)
}

// loadFailures has each event of one key fail once, while all others wait behind it.
func loadFailures(n int) {
	l := newLoaded(n, necro.OrderKey)
	defer l.Backend.Close()
	for range n {
		l.publishOne("key")
	}
	for range n {
		l.settleNext(1, retryOutcome)
		l.settleNext(1, ackOutcome)
	}
}

func loadDiscards(n int) {
	l := newLoaded(n, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	for range n {
		l.publishOne("")
	}
	l.settleNext(n, deadOutcome)
	letters, err := l.DeadLetters(l.ctx, "organ", necro.ID{}, n)
	checkError(err)
	slices.Reverse(letters[:n/2]) // in no order of theirs
	for i := range letters {
		_, err := l.Discard(l.ctx, "organ", letters[i].ID)
		checkError(err)
	}
}

func loadCancelled(n int) {
	l := newLoaded(1, necro.OrderFirstAttempts)
	defer l.Backend.Close()
	l.publishOne("")
	_, err := l.Fetch(l.ctx, 1) // from now on publishers wait
	checkError(err)
	ctx, cancel := context.WithCancel(l.ctx)
	var waiting sync.WaitGroup
	for range n {
		waiting.Go(func() { l.PublishOne(ctx, necro.Message{Type: waits}, contract.PublishOptions{}) })
	}
	cancel()
	waiting.Wait()
}
