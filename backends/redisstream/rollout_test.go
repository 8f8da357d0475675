package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
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
	lanes     int
}

var modes = []mode{
	{name: "none"},
	{name: "key", order: contract.OrderKey},
	{name: "strict", order: contract.OrderStrict},
	{name: "exclusive", exclusive: true},
	{name: "lanes", order: contract.OrderKey, lanes: 4},
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
	ended     bool     // everything was handled, under one delivery id each, and nothing is left
	wrong     []string // what else was found
}

// fault notes what is wrong in this cell of the matrix.
func (r *rollout) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Errorf("%s: %s", r.cell, text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, text)
}

// verdict is what the table says of the cell: how many events were handled, or that not all is well.
func (r *rollout) verdict() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended || len(r.wrong) > 0 {
		return "WRONG"
	}
	return fmt.Sprintf("%d of %d", len(r.handled), r.published)
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
	policy := contract.Policy{Order: rel.mode.order, Exclusive: rel.mode.exclusive, Lanes: rel.mode.lanes, BackoffMin: 20 * time.Millisecond, BackoffMax: 40 * time.Millisecond}
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
			r.fault("run of %s: %v", rel.name, err)
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
			r.fault("publish: %v", err)
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
		r.fault("%s", left)
	}
	for _, text := range r.misdelivered() {
		r.fault("%s", text)
	}
	if b := bound(r.redis.HGetAll(r.ctx, r.key("bind")).Val()); b != p.release.mode.name {
		r.fault("the organ is bound as %s, want %s", b, p.release.mode.name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

// misdelivered tells of events that were not handled under one delivery id, or whose chain forked.
func (r *rollout) misdelivered() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := range r.published {
		if len(r.delivery[n]) != 1 || len(r.emitted[n]) != 1 || r.handled[n] < 1 {
			list = append(list, fmt.Sprintf("event %d: %d delivery ids, %d emissions handled %d times, want one each, handled at least once", n, len(r.delivery[n]), len(r.emitted[n]), r.handled[n]))
		}
	}
	return list
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
		if order := words[len(words)-1]; order == "key/4" {
			return "lanes"
		} else if order != "-" {
			return order
		}
	}
	return "none"
}

// scenario is a way in which a release follows another one.
type scenario struct {
	name string
	run  func(r *rollout, old, now release)
}

var scenarios = []scenario{{"forward", rollForward}, {"rollback", rollBack}, {"canary", runCanary}}

func rollForward(r *rollout, old, now release) {
	first := r.start(old)
	r.publishSome(first)
	second := r.start(now)
	r.publishSome(first)
	r.publishSome(second)
	first.stop()
	r.publishSome(second)
	r.ends(second)
	second.stop()
}

func rollBack(r *rollout, old, now release) {
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
}

func runCanary(r *rollout, old, now release) {
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
}

// change is what else the next release changes.
type change struct {
	name  string
	apply func(*release)
}

var changes = []change{
	{"renamed", func(now *release) { now.name, now.aliases = "labour", []string{"work"} }},
	{"moved", func(now *release) { now.path = "example.com/elsewhere" }},
	{"new version", func(now *release) { now.newer = true }},
}

// newRollout returns a cell of the matrix that has not run.
func newRollout(t *testing.T, server *redistest.Server, cell string) *rollout {
	r := &rollout{
		rig: newRig(t, server), cell: cell,
		handled: map[int]int{}, delivery: map[int]map[contract.ID]bool{}, emitted: map[int]map[contract.ID]bool{}, failed: map[int]bool{},
	}
	r.namespace = strings.NewReplacer(" ", "-", ",", "").Replace(cell)
	return r
}

// rollouts are the cells of the matrix by their names.
type rollouts map[string]*rollout

func cellName(from, to mode, s scenario, c change) string {
	return fmt.Sprintf("%s to %s, %s, %s", from.name, to.name, s.name, c.name)
}

// TestRollouts runs two releases of a program side by side, with each order after each other one,
// forward, back, and as a canary, with a rename, a move to another package, or a new version of an
// event. All is handled, under one delivery id each, and nothing is refused or left behind. With -v it prints the
// matrix.
func TestRollouts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	all := rollouts{}
	var running sync.WaitGroup
	slots := make(chan struct{}, 36)
	eachRollout(func(from, to mode, s scenario, c change) {
		old := release{name: "work", path: "example.com/tests", mode: from}
		now := release{name: "work", path: "example.com/tests", mode: to}
		c.apply(&now)
		r := newRollout(t, server, cellName(from, to, s, c))
		all[r.cell] = r
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			s.run(r, old, now)
		})
	})
	running.Wait()
	t.Log("\n" + all.table())
}

// eachRollout visits the cells of the matrix.
func eachRollout(visit func(from, to mode, s scenario, c change)) {
	for _, from := range modes {
		for _, to := range modes {
			for _, s := range scenarios {
				for _, c := range changes {
					visit(from, to, s, c)
				}
			}
		}
	}
}

// table has a row for each order that follows another one, and a column for each way of that.
func (all rollouts) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "events handled")
	for _, s := range scenarios {
		for _, c := range changes {
			fmt.Fprintf(w, "\t%s, %s", s.name, c.name)
		}
	}
	var row string
	eachRollout(func(from, to mode, s scenario, c change) {
		if begins := from.name + " to " + to.name; begins != row {
			row = begins
			fmt.Fprintf(w, "\n%s", row)
		}
		fmt.Fprintf(w, "\t%s", all[cellName(from, to, s, c)].verdict())
	})
	fmt.Fprintln(w)
	w.Flush()
	return text.String()
}
