package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/bench/ledger"
	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
)

// line is a way for an order from its publisher to its handler, which calls handled for it.
type line struct {
	name string
	open func(url string, handled func(*order.Placed)) (publish func(*order.Placed), leave func())
}

// pace is how far apart orders are published.
const pace = time.Millisecond

// latency is what a line took for the orders of a round, in nanoseconds.
type latency struct{ p50, p99 float64 }

// printLatency prints how long an order takes from before it is published until it is handled, at 1,000 a
// second: little load, so that waiting shows.
func printLatency(w io.Writer, s settings, url string) ([]string, error) {
	orders := int(s.round / pace * 2 * redisStretch)
	lines := []line{{"necro, all defaults", spineLine}, {"floor: bare loop of XADD, XREADGROUP BLOCK and XACK", bareLine}}
	client := dialRedis(url)
	defer client.Close()
	emptyServer(client)
	rounds := measureLines(lines, url, max(1, s.rounds/redisStretch), orders)
	fmt.Fprintf(w, "redis: publish → handled at 1,000 orders/s, %d orders a round\n", orders)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tp50 µs\tp99 µs\tour p50 against it\ttarget")
	printLine(t, lines[0], rounds[0], "", "")
	v := share(1.5).judge(medianSamples(rounds[0]), medianSamples(rounds[1]))
	printLine(t, lines[1], rounds[1], v.String(), v.targetText())
	t.Flush()
	fmt.Fprintln(w)
	return v.missText("redis-latency", lines[1].name), nil
}

// measureLines lets the lines take turns. All stay open, as idle consumers do.
func measureLines(lines []line, url string, rounds, orders int) [][]latency {
	measures := make([]func() latency, len(lines))
	for i, l := range lines {
		measure, leave := l.measureLine(url, orders)
		defer leave()
		measure() // it is warm then
		measures[i] = measure
	}
	all := make([][]latency, len(lines))
	for range rounds {
		for i, measure := range measures {
			all[i] = append(all[i], measure())
		}
	}
	return all
}

// measureLine returns a function that measures the line with so many orders.
func (l line) measureLine(url string, orders int) (measure func() latency, leave func()) {
	var took []float64
	done := make(chan struct{}, 1)
	publish, leave := l.open(url, func(o *order.Placed) {
		if took = append(took, float64(time.Since(o.PlacedAt))); len(took) == orders {
			done <- struct{}{}
		}
	})
	return func() latency {
		took = nil
		ticks := time.NewTicker(pace)
		defer ticks.Stop()
		for range orders {
			<-ticks.C
			o := order.Sample()
			o.PlacedAt = time.Now()
			publish(&o)
		}
		<-done
		slices.Sort(took)
		return latency{took[orders/2], took[orders*99/100]}
	}, leave
}

// medianSamples are the rounds' p50 as samples, for a verdict.
func medianSamples(rounds []latency) []sample {
	samples := make([]sample, len(rounds))
	for i, r := range rounds {
		samples[i].nanos = r.p50
	}
	return samples
}

func printLine(w io.Writer, l line, rounds []latency, ratio, target string) {
	var p50, p99 []float64
	for _, r := range rounds {
		p50, p99 = append(p50, r.p50/1000), append(p99, r.p99/1000)
	}
	fmt.Fprintf(w, "  %s\t%.0f\t%.0f\t%s\t%s\n", l.name, median(p50), median(p99), ratio, target)
}

// spineLine is one organ that ends with the order.
func spineLine(url string, handled func(*order.Placed)) (publish func(*order.Placed), leave func()) {
	told := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			defer handled(e.(*order.Placed))
			return next(ctx, e)
		}
	}
	s := newRedisSpine(url, nil, necro.WithOrgans(&ledger.Orders{Count: ledger.NewCount()}), necro.WithMiddleware(told))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	return func(o *order.Placed) { checkError(s.Publish(ctx, o)) }, func() {
		stop()
		checkError(<-ended)
		s.closeSpine()
	}
}

// bareLine decodes each entry, and acknowledges it once it is handled.
func bareLine(url string, handled func(*order.Placed)) (publish func(*order.Placed), leave func()) {
	client := dialRedis(url)
	createGroup(client)
	var stopped atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !stopped.Load() {
			for _, m := range readBare(client, "one", 128) {
				o := new(order.Placed)
				_, err := o.ReadMsgpack([]byte(m.Values["m"].(string)))
				checkError(err)
				handled(o)
				checkError(client.XAck(context.Background(), orders, group, m.ID).Err())
			}
		}
	}()
	return func(o *order.Placed) {
			payload, err := o.AppendMsgpack(nil)
			checkError(err)
			checkError(addBare(client, payload).Err())
		}, func() {
			stopped.Store(true)
			<-ended
			checkError(client.Close())
		}
}
