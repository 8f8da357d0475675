package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Stepped is the second version of Step, as a newer release has it.
type stepped struct{ Step }

var (
	steppedType = &contract.EventType{
		Name: "STEP", Version: 2, Previous: stepThen,
		New: func() contract.Event { return new(stepped) },
		Is:  func(e contract.Event) bool { s, ok := e.(*stepped); return ok && s != nil },
		Key: func(e contract.Event) string { return e.(*stepped).Step.Key },
	}
	// stepThen is the first version as the newer release reads it.
	stepThen = &contract.EventType{
		Name: "STEP", Version: 1,
		New:    func() contract.Event { return new(steppedThen) },
		Is:     func(e contract.Event) bool { s, ok := e.(*steppedThen); return ok && s != nil },
		Key:    func(e contract.Event) string { return e.(*steppedThen).Step.Key },
		Upcast: func(e contract.Event) (contract.Event, error) { return &stepped{e.(*steppedThen).Step}, nil },
	}
)

func (*stepped) NecroEvent() *contract.EventType { return steppedType }

type steppedThen struct{ Step }

func (*steppedThen) NecroEvent() *contract.EventType { return stepThen }

// mode is an order with exclusiveness, as annotations write it.
type mode struct {
	name      string
	order     contract.OrderMode
	exclusive bool
}

var modes = []mode{
	{"none", contract.OrderFirstAttempts, false},
	{"key", contract.OrderKey, false},
	{"strict", contract.OrderStrict, false},
	{"exclusive", contract.OrderFirstAttempts, true},
}

// release is what one version of a program says.
type release struct {
	name    string
	aliases []string
	path    string
	mode    mode
	newer   bool // its events have a second version
}

// rollout is one cell of the matrix: a namespace with processes of two releases.
type rollout struct {
	*rig
	cell      string
	mu        sync.Mutex
	published int
	handled   map[int]int                  // acknowledged calls of the handler by number, as the sink sees them
	delivery  map[int]map[contract.ID]bool // delivery ids by number
	emitted   map[int]map[contract.ID]bool // ids of what was emitted by number
	failed    map[int]bool
}

// process is a running release.
type process struct {
	backend *redisstream.Backend
	spine   *necro.Spine
	release release
	stop    func()
}

// start runs a release as a process of its own would.
func (r *rollout) start(rel release) *process {
	step := on(func(ctx context.Context, s *Step, emit func(contract.Event)) error { return r.handle(ctx, s, emit) }, &Next{})
	if rel.newer {
		step = on(func(ctx context.Context, s *stepped, emit func(contract.Event)) error {
			return r.handle(ctx, &s.Step, emit)
		}, &Next{})
	}
	policy := contract.Policy{Order: rel.mode.order, Exclusive: rel.mode.exclusive, BackoffMin: 20 * time.Millisecond, BackoffMax: 40 * time.Millisecond}
	work := organ{contract.OrganSpec{Name: rel.name, Aliases: rel.aliases, Path: rel.path, Policy: policy, Routes: []contract.Route{step}}}
	sink := newOrgan("sink", contract.Policy{}, on(func(ctx context.Context, n *Next, emit func(contract.Event)) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		m, _ := necro.MetaFrom(ctx)
		r.handled[n.N]++
		note(r.emitted, n.N, m.ID)
		return nil
	}))
	b := r.openAt(r.server.URL(), redisstream.WithNamespace(r.namespace))
	p := &process{backend: b, spine: r.spine(b, necro.WithOrgans(work, sink), necro.WithLease(5*time.Second)), release: rel}
	ctx, cancel := context.WithCancel(r.ctx)
	done := make(chan error, 1)
	go func() { done <- p.spine.Run(ctx) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, b.Close()); err != nil {
			r.Errorf("%s: run of %s: %v", r.cell, rel.name, err)
		}
	})
	r.until(r.cell+": it runs", func() bool { return p.spine.Running() })
	return p
}

// handle fails the first attempt of every third event, and emits one event for each.
func (r *rollout) handle(ctx context.Context, s *Step, emit func(contract.Event)) error {
	m, _ := necro.MetaFrom(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	note(r.delivery, s.N, m.DeliveryID)
	if s.N%3 == 0 && !r.failed[s.N] {
		r.failed[s.N] = true
		return errors.New("the first attempt fails")
	}
	emit(&Next{N: s.N, Key: s.Key})
	return nil
}

func note(ids map[int]map[contract.ID]bool, n int, id contract.ID) {
	if ids[n] == nil {
		ids[n] = map[contract.ID]bool{}
	}
	ids[n][id] = true
}

// publish publishes some events of two keys, and waits for none.
func (r *rollout) publishSome(p *process) {
	for range 6 {
		s := Step{N: r.published, Key: fmt.Sprint("k", r.published%2)}
		r.published++
		var e contract.Event = &s
		if p.release.newer {
			e = &stepped{s}
		}
		if err := p.spine.Publish(r.ctx, e); err != nil {
			r.Errorf("%s: publish: %v", r.cell, err)
		}
	}
}

// ends wants all to be handled, under one delivery id each, and nothing to be left.
func (r *rollout) ends(p *process) {
	deadline := time.Now().Add(patience(r.T))
	for r.left(p) != "" && time.Now().Before(deadline) && r.ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if left := r.left(p); left != "" {
		r.Errorf("%s: %s", r.cell, left)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := range r.published {
		if len(r.delivery[n]) != 1 || len(r.emitted[n]) != 1 || r.handled[n] < 1 {
			r.Errorf("%s: event %d: %d delivery ids, %d emissions handled %d times, want one each, handled at least once", r.cell, n, len(r.delivery[n]), len(r.emitted[n]), r.handled[n])
		}
	}
	if b := bound(r.redis.HGetAll(r.ctx, r.key("bind")).Val()); b != p.release.mode.name {
		r.Errorf("%s: the organ is bound as %s, want %s", r.cell, b, p.release.mode.name)
	}
}

// left says what is not done yet.
func (r *rollout) left(p *process) string {
	r.mu.Lock()
	missing := r.published - len(r.handled)
	r.mu.Unlock()
	if missing > 0 {
		return fmt.Sprintf("%d of %d are not handled; %+v", missing, r.published, p.backend.Health(r.ctx).Organs)
	}
	h := p.backend.Health(r.ctx)
	if h.Err != nil {
		return h.Err.Error()
	}
	if len(h.Organs) != 2 {
		return fmt.Sprintf("%d organs are bound, want 2: %+v", len(h.Organs), h.Organs)
	}
	for _, o := range h.Organs {
		if o.Ready+o.Leased+o.Scheduled+o.Dead > 0 {
			return fmt.Sprintf("not settled: %+v", o)
		}
	}
	if b := bound(r.redis.HGetAll(r.ctx, r.key("bind")).Val()); b != p.release.mode.name {
		return "bound as " + b
	}
	for _, key := range []string{"wait:work", "hold:work"} {
		if n := r.redis.Exists(r.ctx, r.key(key)).Val(); n != 0 {
			return key + " is left"
		}
	}
	return ""
}

// bound returns the mode of the organ that is not the sink.
func bound(rows map[string]string) string {
	for row, value := range rows {
		organ, ok := strings.CutPrefix(row, "organ ")
		if !ok || organ == "sink" {
			continue
		}
		words := strings.Fields(value)
		if rows["exclusive "+organ] == "1" {
			return "exclusive"
		}
		if order := words[len(words)-1]; order != "-" {
			return order
		}
	}
	return "none"
}

var scenarios = map[string]func(r *rollout, old, now release){
	"forward": func(r *rollout, old, now release) {
		first := r.start(old)
		r.publishSome(first)
		second := r.start(now)
		r.publishSome(first)
		r.publishSome(second)
		first.stop()
		r.publishSome(second)
		r.ends(second)
		second.stop()
	},
	"rollback": func(r *rollout, old, now release) {
		first := r.start(old)
		r.publishSome(first)
		second := r.start(now)
		r.publishSome(second)
		first.stop()
		r.publishSome(second)
		second.stop()
		first = r.start(old)
		r.publishSome(first)
		if !now.newer {
			r.ends(first)
			first.stop()
			return
		}
		second = r.start(now) // the older release declines what it does not know
		first.stop()
		r.ends(second)
		second.stop()
	},
	"canary": func(r *rollout, old, now release) {
		first := r.start(old)
		r.publishSome(first)
		second := r.start(now)
		r.publishSome(first)
		if !now.newer {
			r.publishSome(second)
		}
		second.stop()
		r.publishSome(first)
		r.ends(first)
		first.stop()
	},
}

var changes = map[string]func(*release){
	"renamed":     func(now *release) { now.name, now.aliases = "labour", []string{"work"} },
	"moved":       func(now *release) { now.path = "example.com/elsewhere" },
	"new version": func(now *release) { now.newer = true },
}

// TestRollouts runs two releases of a program side by side, with each order after each other one,
// forward, back, and as a canary, with a rename, a move to another package, or a new version of an
// event. All is handled, under one delivery id each, and nothing is refused or left behind.
func TestRollouts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var running sync.WaitGroup
	slots := make(chan struct{}, 36)
	for _, from := range modes {
		for _, to := range modes {
			for scenario, run := range scenarios {
				for change, apply := range changes {
					old := release{name: "work", path: "example.com/tests", mode: from}
					now := release{name: "work", path: "example.com/tests", mode: to}
					apply(&now)
					r := &rollout{rig: newRig(t, server), cell: fmt.Sprintf("%s to %s, %s, %s", from.name, to.name, scenario, change),
						handled: map[int]int{}, delivery: map[int]map[contract.ID]bool{}, emitted: map[int]map[contract.ID]bool{}, failed: map[int]bool{}}
					r.namespace = strings.NewReplacer(" ", "-", ",", "").Replace(r.cell)
					slots <- struct{}{}
					running.Go(func() {
						defer func() { <-slots }()
						run(r, old, now)
					})
				}
			}
		}
	}
	running.Wait()
}
