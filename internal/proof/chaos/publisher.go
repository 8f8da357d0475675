package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A publisher publishes by several goroutines, so that one that waits does not end the load.
const streams = 4

// maxBacklog is how many deliveries may wait before a publisher pauses, because the backlog at the end has to be
// worked off.
const maxBacklog = 400

// runPublisher publishes roots until it is told to stop; then it goes on with
// those it has begun until they are accepted.
func runPublisher(ctx context.Context, o *role) (err error) {
	b, err := redisstream.Open(o.url, redisstream.WithNamespace(namespace))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	r, err := openRecords(o.records)
	if err != nil {
		return err
	}
	s, err := necro.New(b)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for i := range streams {
		p := &publisher{s, r, fmt.Sprintf("%s.%d", o.name, i), o.pace, rand.New(rand.NewPCG(o.seed, uint64(i)))}
		all.Go(func() { p.run(ctx) })
	}
	all.Wait()
	return nil
}

// publisher publishes one chain after the other.
type publisher struct {
	spine   *necro.Spine
	records *records
	name    string
	pace    time.Duration // on average, between two chains
	rng     *rand.Rand
}

func (p *publisher) run(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		name := fmt.Sprintf("%s.%d", p.name, n)
		if p.rng.IntN(8) == 0 {
			p.publishBatch(context.WithoutCancel(ctx), name)
		} else {
			p.beginChain(context.WithoutCancel(ctx), p.makeRoot(name))
		}
		pauseFor(ctx, time.Duration(p.rng.Int64N(2*int64(p.pace))))
		for n%20 == 19 && ctx.Err() == nil && countBacklog(p.spine.Health(ctx).Backend) > maxBacklog {
			pauseFor(ctx, 50*time.Millisecond)
		}
	}
}

func (p *publisher) makeRoot(chain string) *Root {
	return &Root{
		Step: Step{Path: chain, By: rand.Uint64()}, Chain: chain,
		Lefts: 1 + p.rng.IntN(3), Rights: p.rng.IntN(4), Doomed: p.rng.IntN(50) == 0,
	}
}

// beginChain publishes a root, and repeats it with the same id until it is accepted.
func (p *publisher) beginChain(ctx context.Context, e *Root) {
	p.records.writeLines(line{Did: tried, Path: e.Path, Root: e})
	id := necro.WithID(necro.NewID())
	for {
		try := *e
		try.By = rand.Uint64()
		err := p.tryPublish(ctx, func(ctx context.Context) error { return p.spine.Publish(ctx, &try, id) })
		p.records.writeLines(answerOfTry(e.Path, err))
		if err == nil {
			return
		}
		pauseFor(ctx, time.Duration(20+p.rng.IntN(80))*time.Millisecond)
	}
}

// publishBatch publishes some roots together, once: whatever the answer, all are stored, or none.
func (p *publisher) publishBatch(ctx context.Context, name string) {
	var lines, answers []line
	var events []necro.Event
	for i := range 3 {
		e := p.makeRoot(fmt.Sprintf("%s.%d", name, i))
		lines = append(lines, line{Did: tried, Path: e.Path, Root: e, Batch: name})
		events = append(events, e)
	}
	p.records.writeLines(lines...)
	err := p.tryPublish(ctx, func(ctx context.Context) error { return p.spine.PublishBatch(ctx, events) })
	for _, l := range lines {
		answers = append(answers, answerOfTry(l.Path, err))
	}
	p.records.writeLines(answers...)
}

// tryPublish bounds a try of a publish. A try that is given up may have counted.
func (p *publisher) tryPublish(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return try(ctx)
}

// answerOfTry returns the line about the result of a try.
func answerOfTry(path string, err error) line {
	if err == nil {
		return line{Did: accepted, Path: path}
	}
	return line{Did: refused, Path: path, Error: err.Error(), Full: errors.Is(err, necro.ErrBackendFull)}
}

// countBacklog counts the deliveries that wait or are worked on.
func countBacklog(h contract.Health) (n int) {
	for _, o := range h.Organs {
		n += o.Ready + o.Leased + o.Scheduled
	}
	return n
}
