package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

// partitionCounts are how many partitions a cluster of three nodes has.
var partitionCounts = []int{1, 4}

// partitionShare is how much more commands and microseconds of the servers an order may cost with several partitions than
// with one.
const partitionShare = 1.25

// printPartitions prints what an order costs a cluster when it has one partition, and when they are spread over its nodes.
func printPartitions(w io.Writer, s settings) ([]string, error) {
	events := int(s.round/time.Millisecond) * 4000
	fmt.Fprintf(w, "redis: partitions over a cluster of three nodes, %d orders of %d keys, published and handled\n", events, orderKeys)
	costs, err := measurePartitions(events, max(1, s.rounds/10))
	if err != nil {
		return nil, err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tcommands an event\tagainst one partition\ttarget\tservers' µs an event\tagainst one partition\ttarget")
	var missed []string
	for i, n := range partitionCounts {
		bound := share(0)
		if n > 1 {
			bound = share(partitionShare)
		}
		commands, micros := bound.judgeCosts(costs[i], costs[0], commandsOf), bound.judgeCosts(costs[i], costs[0], microsOf)
		fmt.Fprintf(t, "  %d\t%s\t%.3f\t%s\t%s\t%.2f\t%s\t%s\n", n, withCommas(1/pickCost(costs[i], secondsOf)),
			pickCost(costs[i], commandsOf), commands.timesText(), commands.targetText(),
			pickCost(costs[i], microsOf), micros.timesText(), micros.targetText())
		missed = append(missed, commands.missText("redis-partitions, commands", "one partition")...)
		missed = append(missed, micros.missText("redis-partitions, servers' µs", "one partition")...)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

// measurePartitions lets each number of partitions take its turn on one cluster.
func measurePartitions(events, rounds int) ([][]cost, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cluster, err := redistest.LaunchCluster(dir)
	if err != nil {
		return nil, err
	}
	defer cluster.Close()
	costs := make([][]cost, len(partitionCounts))
	for range rounds {
		for i, n := range partitionCounts {
			costs[i] = append(costs[i], shareOut(cluster, n, events))
		}
	}
	return costs, nil
}

// shareOut publishes so many orders for one organ on an empty cluster, and handles them.
func shareOut(cluster *redistest.Cluster, partitions, events int) cost {
	var nodes []*redis.Client
	for _, addr := range cluster.Addrs() {
		node := redis.NewClient(&redis.Options{Addr: addr})
		defer node.Close()
		emptyServer(node)
		nodes = append(nodes, node)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()})
	defer client.Close()
	backend, err := redisstream.New(client, redisstream.WithPartitions(partitions), redisstream.WithLogger(slog.New(slog.DiscardHandler)))
	checkError(err)
	s := spineOver(backend, necro.WithOrgans(&billing.Clerk{}), necro.WithMaxSteps(events))
	s.bindOrgan(later, (*order.Accepted)(nil).NecroEvent())
	before, start := usageOfAll(nodes), time.Now()
	s.storeKeys(events)
	s.runUntilSettled()
	c := costSince(before, usageOfAll(nodes), time.Since(start), events)
	s.expectWaiting(later, events)
	s.closeSpine()
	return c
}

// usageOfAll is what several servers have done together.
func usageOfAll(nodes []*redis.Client) (all usage) {
	for _, node := range nodes {
		u := usageOf(node)
		all.commands, all.micros = all.commands+u.commands, all.micros+u.micros
	}
	return all
}
