package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// laneProcesses is how many processes share an organ.
const laneProcesses = 8

// laneOrders are the orders that the organ is measured with; the number of lanes goes with the one by key. The environment
// variable makes this program one of its processes: it holds the server's URL.
var laneOrders = []struct {
	name, env string
	policy    contract.Policy
}{
	{"necro, order=key lanes=16", "BENCH_LANES", contract.Policy{Order: necro.OrderKey, Lanes: 16}},
	{"the same organ without order", "BENCH_NO_LANES", contract.Policy{}},
}

// printLanes prints what eight processes reach with an organ that keeps the order of its keys over all of them, against the same
// organ without an order.
func printLanes(w io.Writer, s settings, url string) ([]string, error) {
	events := int(s.round/time.Millisecond) * 2000
	fmt.Fprintf(w, "redis: one organ in %d processes, %d orders of %d keys from a backlog\n", laneProcesses, events, orderKeys)
	samples := make([][]sample, len(laneOrders))
	for range max(1, s.rounds/10) {
		for i := range laneOrders {
			took, err := shareOrders(url, i, events)
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], sample{nanos: float64(took) / float64(events)})
		}
	}
	v := speed(0.8).judge(samples[0], samples[1])
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tours against it\ttarget")
	for i, o := range laneOrders {
		ratio, target := "", ""
		if i > 0 {
			ratio, target = v.String(), v.targetText()
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", o.name, withCommas(1e9/median(nanosOf(samples[i]))), ratio, target)
	}
	t.Flush()
	fmt.Fprintln(w)
	return v.missText("redis-lanes", laneOrders[1].name), nil
}

// shareOrders lets the processes work off so many orders, and returns how long it took from when all of them were there.
func shareOrders(url string, which, events int) (time.Duration, error) {
	o := laneOrders[which]
	client := dialRedis(url)
	defer client.Close()
	emptyServer(client)
	s := laneSpine(url, o.policy)
	defer s.closeSpine()
	s.bindBusy(o.policy)
	s.storeKeys(events)
	ctx := context.Background()
	checkError(s.backend.Pause(ctx, "bench.Busy", "until all processes are there"))
	for range laneProcesses {
		end, err := startServer(o.env, url)
		if err != nil {
			return 0, err
		}
		defer end()
	}
	time.Sleep(time.Second) // they have looked at the paused organ, and wait
	start := time.Now()
	checkError(s.backend.Resume(ctx, "bench.Busy"))
	awaitNone(func() int64 {
		time.Sleep(10 * time.Millisecond)
		left, err := client.XLen(ctx, "necro:{default:0}:q:bench.Busy").Result()
		checkError(err)
		return left
	})
	took := time.Since(start)
	s.expectWaiting("bench.Busy", 0)
	return took, nil
}

func laneSpine(url string, policy contract.Policy) redisSpine {
	return crowdSpine(url, 0, policy, func(*order.Placed) error { return nil })
}

// serveLanes serves the organ of one of laneOrders until it is told to end.
func serveLanes(url string, policy contract.Policy) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := laneSpine(url, policy)
	fmt.Println("serves")
	checkError(s.Run(ctx))
	s.closeSpine()
}
