package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// workers is the number of worker processes of a scenario. Two cores are to suffice.
const workers = 3

// ground is where a scenario takes place: servers, the worker processes, and the network between them.
type ground struct {
	setting
	scenario *scenario
	program  string
	lease    time.Duration
	rng      *rand.Rand

	server   *redistest.Server // of the scenarios with one
	clock    *redistest.Clock  // of the server, where it can be set
	sentinel *redistest.Sentinel
	cluster  *redistest.Cluster
	address  address // of the servers themselves

	children []*child
	proxies  []*redistest.Proxy // of the workers, and then of the publishers, of one server
	releases []release          // of the workers
	started  int
	killed   time.Time // when a worker was killed last
	failures []string  // processes that ended by themselves
}

// newGround starts the servers and the workers. The caller closes it, also after an error.
func newGround(s *scenario, program, dir string, lease time.Duration, rng *rand.Rand) (g *ground, err error) {
	g = &ground{setting: setting{dir: dir}, scenario: s, program: program, lease: lease, rng: rng}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return g, err
	}
	if err := catchFailure(func() { s.servers(g) }); err != nil {
		return g, err
	}
	for i := range workers {
		g.children, g.releases = append(g.children, nil), append(g.releases, s.releases[0])
		if err := g.startRelease(i, s.releases[0]); err != nil {
			return g, err
		}
	}
	return g, nil
}

// oneServer starts a server whose acknowledged writes outlive a kill -9, with a proxy for each process.
func oneServer(options ...string) func(*ground) {
	return func(g *ground) {
		g.server = redistest.Start(g, append([]string{"--appendonly", "yes", "--appendfsync", "always"}, options...)...)
		g.startProxies()
	}
}

// startProxies puts a proxy for each process in front of the one server.
func (g *ground) startProxies() {
	g.address = address{URL: g.server.URL()}
	for range workers + 1 {
		g.proxies = append(g.proxies, redistest.StartProxy(g, g.server.Addr()))
	}
}

// addressOf returns the address that a process uses; the publishers' place is behind those of the workers.
func (g *ground) addressOf(place int) address {
	a := g.address
	if len(g.proxies) > 0 {
		a.URL = g.proxies[place].URL()
	}
	return a
}

// startRelease starts a process of a release in a place. The one before must have ended.
func (g *ground) startRelease(place int, r release) (err error) {
	g.started++
	g.releases[place] = r
	name := fmt.Sprintf("worker%d.%d", place, g.started)
	g.children[place], err = startChild(g.program, g.dir, name, role{Address: g.addressOf(place), Release: r, Lease: g.lease})
	return err
}

// mayKill reports whether the worker that was killed last has been replaced. One that is killed while it takes over makes
// a pause of its own, so that two pauses would count as one that is too long.
func (g *ground) mayKill() bool { return time.Since(g.killed) > 2*g.lease }

// killSome kills a worker and starts another in its place.
func (g *ground) killSome() error {
	g.killed = time.Now()
	place := g.rng.IntN(workers)
	g.reapWorker(place)
	g.children[place].kill()
	return g.startRelease(place, g.releases[place])
}

// deployRelease stops a worker in order, and starts one of a release in its place.
func (g *ground) deployRelease(place int, r release) error {
	if err := g.children[place].stop(); err != nil {
		g.failures = append(g.failures, err.Error())
	}
	return g.startRelease(place, r)
}

// reapWorker notes a worker that ended by itself: none may.
func (g *ground) reapWorker(place int) {
	if c := g.children[place]; c.hasEnded() {
		g.failures = append(g.failures, fmt.Sprintf("%s ended by itself: %v: %s", c.name, c.cmd.ProcessState, c.lastWords()))
	}
}

// startSources lets sources publish until ctx ends; then each goes on with the job that it has begun until it
// is accepted.
func (g *ground) startSources(ctx context.Context) (wait func() error, err error) {
	b, closeClient, err := g.addressOf(workers).openBackend(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	s, err := necro.New(b, necro.WithLogger(nil))
	if err != nil {
		return nil, err
	}
	var all sync.WaitGroup
	for i := range sources {
		d, err := openDiary(filepath.Join(g.dir, fmt.Sprintf("source%d.diary", i)))
		if err != nil {
			return nil, err
		}
		from := &source{spine: s, diary: d, name: fmt.Sprint(sourcePrefix, i), rng: rand.New(rand.NewPCG(g.rng.Uint64(), uint64(i))), pad: g.scenario.pad}
		all.Go(func() { from.publishJobs(ctx, g.scenario.pace) })
	}
	return func() error {
		all.Wait()
		err := b.Close()
		closeClient()
		return err
	}, nil
}

// Sources and the keys that each of them has.
const (
	sources      = 3
	keys         = 8
	sourcePrefix = "source" // of their names
)

// source publishes jobs, for each of its keys one after the other.
type source struct {
	spine *necro.Spine
	diary *diary
	name  string
	rng   *rand.Rand
	pad   int
	next  [keys]int
	tried [keys]necro.ID // of the key's next job, when that was tried before and is not accepted yet
}

// publishJobs publishes until ctx ends; then each key goes on until its last job is accepted. A key whose job
// is not accepted, as that of a partition whose server is down, does not keep the others waiting.
func (s *source) publishJobs(ctx context.Context, pace time.Duration) {
	for ctx.Err() == nil {
		if s.publishNext(ctx, s.rng.IntN(keys)) {
			time.Sleep(time.Duration(s.rng.Int64N(int64(2*pace) + 1)))
		} else {
			time.Sleep(time.Duration(5+s.rng.IntN(20)) * time.Millisecond)
		}
	}
	for k := range s.tried {
		for !s.tried[k].IsZero() {
			if !s.publishNext(ctx, k) {
				time.Sleep(50 * time.Millisecond)
			}
		}
	}
}

// publishNext tries to publish the next job of a key, and reports whether it was accepted.
func (s *source) publishNext(ctx context.Context, k int) bool {
	if s.tried[k].IsZero() {
		s.tried[k] = necro.NewID()
	}
	e := Job{Source: s.name, Key: fmt.Sprint("key", k), N: s.next[k], Pad: make([]byte, s.pad)}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if s.spine.Publish(call, &e, necro.WithID(s.tried[k])) != nil {
		return false
	}
	s.diary.writeEntry(entry{Source: s.name, Key: e.Key, N: e.N})
	s.next[k]++
	s.tried[k] = necro.ID{}
	return true
}

// The rest counts as left over when nothing has changed for so long, or not enough.
const (
	stillness = 30 * time.Second
	patience  = 3 * time.Minute
)

// awaitQuiet waits until nothing is left for any organ, or nothing happens any more. It returns the number of
// deliveries that are left.
func (g *ground) awaitQuiet(ctx context.Context) (left int, err error) {
	b, closeClient, err := g.address.openBackend(slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	defer closeClient()
	defer b.Close()
	count := g.scenario.left
	if count == nil {
		count = countAll
	}
	begin, since, before := time.Now(), time.Now(), -1
	for {
		left, err = count(ctx, b)
		if err == nil && left == 0 {
			return 0, nil
		}
		if left != before || err != nil {
			before, since = left, time.Now()
		}
		if time.Since(since) > stillness || time.Since(begin) > patience {
			return left, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return left, ctx.Err()
		}
	}
}

// endWorkers lets all workers stop in order.
func (g *ground) endWorkers() {
	for place, c := range g.children {
		g.reapWorker(place)
		if err := c.stop(); err != nil {
			g.failures = append(g.failures, err.Error())
		}
	}
}

// closeAll ends everything at once.
func (g *ground) closeAll() error {
	for _, c := range g.children {
		if c != nil {
			c.kill()
		}
	}
	return errors.Join(catchFailure(g.cleanUp))
}
