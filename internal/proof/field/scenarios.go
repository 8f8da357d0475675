package main

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// allScenarios returns all kinds of trouble, in the order in which they run.
func allScenarios() []scenario {
	keyed, free := release{Order: "key"}, release{Order: "none", Shared: true}
	strict := release{Order: "strict"}
	renamed := release{Name: "field.Tidy", Alias: "field.Orderly", Order: "key"}
	moved := release{Path: "example.com/moved", Order: "key"}
	one := []release{keyed}
	const second = time.Second
	return []scenario{
		{name: "kills", servers: oneServer(), releases: one, every: second / 2, pace: 10 * time.Millisecond},
		{name: "latency", servers: oneServer(), releases: one, strike: changeLatency, heal: healNetwork, every: second, pace: 10 * time.Millisecond},
		{name: "lost-replies", servers: oneServer(), releases: one, strike: loseReplies, heal: healNetwork, every: second / 3, pace: 10 * time.Millisecond},
		{name: "stalls", servers: oneServer(), releases: one, strike: stallNetwork, heal: healNetwork, every: 2 * second, outage: 4 * second, pace: 10 * time.Millisecond},
		{name: "narrow-link", servers: oneServer(), releases: one, strike: narrowLink, heal: healNetwork, every: 2 * second, outage: 2 * second, pad: 200 << 10, pace: 300 * time.Millisecond},
		{name: "server-dies", servers: oneServer(), releases: one, strike: killServer, every: 3 * second, outage: 3 * second, pace: 10 * time.Millisecond},
		{name: "clock-steps", servers: withClock, releases: one, strike: stepClock, every: 6 * second, outage: 4 * second, pace: 10 * time.Millisecond},
		{name: "full-server", servers: oneServer(), releases: one, strike: fillServer, heal: emptyServer, every: second, outage: second, pad: 10 << 10, pace: 20 * time.Millisecond},
		{name: "hostile-bytes", servers: oneServer(), releases: one, strike: plantBytes, left: countReal, every: second / 2, pace: 10 * time.Millisecond},
		{name: "rollout-order", servers: oneServer(), releases: []release{free, keyed, strict, free, strict, keyed}, strike: rollOut, every: second, pace: 10 * time.Millisecond},
		{name: "rollout-names", servers: oneServer(), releases: []release{keyed, renamed, moved}, strike: rollOut, every: second, pace: 10 * time.Millisecond},
		{name: "sentinel", servers: withSentinel, releases: one, strike: deposePrimary, every: 5 * second, outage: 10 * second, calm: true, mayLose: true, pace: 10 * time.Millisecond},
		{name: "cluster", servers: withCluster, releases: []release{{Order: "none", Shared: true}}, strike: hurtCluster, every: 4 * second, outage: 2 * second, calm: true, pace: 10 * time.Millisecond},
	}
}

// pickProxy returns one of the proxies, the publishers' among them.
func (g *ground) pickProxy() *redistest.Proxy { return g.proxies[g.rng.IntN(len(g.proxies))] }

// changeLatency gives each process a round trip of its own, up to 40 ms.
func changeLatency(g *ground, _ int) error {
	for _, p := range g.proxies {
		p.Delay(time.Duration(g.rng.IntN(20)) * time.Millisecond)
	}
	return nil
}

// loseReplies swallows replies, or cuts connections.
func loseReplies(g *ground, n int) error {
	if n%3 == 0 {
		g.pickProxy().Cut()
		return nil
	}
	g.pickProxy().DropReplies(1 + g.rng.IntN(3))
	return nil
}

// stallNetwork holds up all that passes, or leaves connections half-open.
func stallNetwork(g *ground, n int) error {
	p := g.pickProxy()
	if n%2 == 0 {
		p.Delay(time.Second)
		time.Sleep(time.Second)
		p.Delay(0)
		return nil
	}
	p.Freeze()
	return nil
}

// narrowLink lets little pass, of events that are large.
func narrowLink(g *ground, _ int) error {
	for _, p := range g.proxies {
		p.Bandwidth(2<<20 + g.rng.IntN(4<<20))
	}
	return nil
}

// healNetwork ends all that was done to connections.
func healNetwork(g *ground) error {
	for _, p := range g.proxies {
		p.Delay(0)
		p.Bandwidth(0)
		p.DropReplies(0)
		p.Cut()
	}
	return nil
}

// killServer kills the server and starts it again, or freezes it for a while.
func killServer(g *ground, n int) error {
	if n%2 == 0 {
		g.server.Kill()
		time.Sleep(time.Duration(g.rng.IntN(500)) * time.Millisecond)
		return g.server.Restart()
	}
	if err := g.server.Stop(); err != nil {
		return err
	}
	time.Sleep(time.Second + time.Duration(g.rng.IntN(1000))*time.Millisecond)
	return g.server.Continue()
}

// withClock is oneServer with a server whose clock can be set.
func withClock(g *ground) {
	g.server, g.clock = redistest.StartWithClock(g, "--appendonly", "yes", "--appendfsync", "always")
	g.startProxies()
}

// stepClock sets the server's clock by up to two hours, back or forward.
func stepClock(g *ground, _ int) error {
	return g.clock.Set(time.Duration(g.rng.Int64N(int64(2*time.Hour))) - time.Hour)
}

// askServer sends commands to a server.
func askServer(addr string, f func(ctx context.Context, client *redis.Client) error) error {
	client := redis.NewClient(&redis.Options{Addr: addr, ReadTimeout: 10 * time.Second})
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return f(ctx, client)
}

// fillServer leaves the server no memory, or little for clients, and takes that back the next time.
func fillServer(g *ground, n int) error {
	return askServer(g.server.Addr(), func(ctx context.Context, client *redis.Client) error {
		switch n % 4 {
		case 0:
			return client.ConfigSet(ctx, "maxmemory", "1mb").Err()
		case 2:
			return client.ConfigSet(ctx, "maxmemory-clients", "2mb").Err()
		}
		return emptyServer(g)
	})
}

// emptyServer ends what fillServer began.
func emptyServer(g *ground) error {
	return askServer(g.server.Addr(), func(ctx context.Context, client *redis.Client) error {
		if err := client.ConfigSet(ctx, "maxmemory", "0").Err(); err != nil {
			return err
		}
		return client.ConfigSet(ctx, "maxmemory-clients", "0").Err()
	})
}

// rollOut lets the next release take the place of one worker after the other; every second one of the
// rollouts is rolled back in the middle.
func rollOut(g *ground, n int) error {
	rs := g.scenario.releases
	round, step := n/workers, n%workers
	next := rs[(round+1)%len(rs)]
	if round%2 == 1 && step == workers-1 { // back to the one before, wherever the canary runs
		before := rs[round%len(rs)]
		for place := range workers {
			if err := g.deployRelease(place, before); err != nil {
				return err
			}
		}
		return nil
	}
	return g.deployRelease(step, next)
}

// withSentinel starts a primary with a replica, and a sentinel.
func withSentinel(g *ground) {
	g.sentinel = redistest.StartSentinel(g)
	g.address = address{Master: g.sentinel.Master, Nodes: g.sentinel.Addrs()}
}

// deposePrimary lets the sentinel promote the replica, once: clients stay connected to the primary that
// does not learn of it.
func deposePrimary(g *ground, n int) error {
	if n == 0 {
		g.sentinel.Depose(g)
	}
	return nil
}

// withCluster starts three nodes that keep every acknowledged write.
func withCluster(g *ground) {
	g.cluster = redistest.StartCluster(g, "--appendonly", "yes", "--appendfsync", "always", "--cluster-require-full-coverage", "no")
	g.address = address{Nodes: g.cluster.Addrs(), Partitions: 3}
}

// hurtCluster kills a node for two seconds, or moves the slot of a partition.
func hurtCluster(g *ground, n int) error {
	if n%2 == 0 {
		node := g.cluster.Nodes[g.rng.IntN(len(g.cluster.Nodes))]
		node.Kill()
		time.Sleep(2 * time.Second)
		return node.Restart()
	}
	return moveSlot(g)
}
