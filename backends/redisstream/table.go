package redisstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
)

// target is an organ that messages go to.
type target struct {
	organ string
	path  string // import path of its package
	pack  int
	order string // strict, key or "-"
}

// stream is where messages that were stored before go, for instance retries.
func (t *target) front() string {
	if t.order == "-" {
		return "q:"
	}
	return "first:"
}

// bindings is the table of who handles what, as the server had it when it was read.
type bindings struct {
	digest string
	events map[string][]*target
	organs map[string]*target
}

// tables keeps the bindings of a partition. Every script that stores something carries
// their digest, and is refused when the server has others by now.
type tables struct {
	current atomic.Pointer[bindings]
}

// table returns the bindings, which it reads on first use.
func (p *partition) table(ctx context.Context) (*bindings, error) {
	if t := p.tables.current.Load(); t != nil {
		return t, nil
	}
	return p.reload(ctx)
}

// reload reads the bindings.
func (p *partition) reload(ctx context.Context) (*bindings, error) {
	calls, _, err := p.node.clients(ctx)
	if err != nil {
		return nil, err
	}
	r := p.send(ctx, calls, []any{"hgetall", p.key("bind")})
	rows := r.strings()
	if r.err != nil {
		return nil, r.err
	}
	t, err := parseBindings(rows)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.key("bind"), err)
	}
	p.tables.current.Store(t)
	return t, nil
}

func parseBindings(rows []string) (*bindings, error) {
	t := &bindings{events: map[string][]*target{}, organs: map[string]*target{}}
	for i := 0; i+1 < len(rows); i += 2 {
		name, isOrgan := strings.CutPrefix(rows[i], "organ ")
		if !isOrgan {
			continue
		}
		words := strings.Fields(rows[i+1])
		if len(words) != 3 {
			return nil, fmt.Errorf("organ %s is bound as %q, want path, pack and order", name, rows[i+1])
		}
		pack, err := strconv.Atoi(words[1])
		if err != nil || pack < 1 || pack > maxPack {
			return nil, fmt.Errorf("organ %s is bound with a pack of %q", name, words[1])
		}
		t.organs[name] = &target{organ: name, path: words[0], pack: pack, order: words[2]}
	}
	for i := 0; i+1 < len(rows); i += 2 {
		if rows[i] == "digest" {
			t.digest = rows[i+1]
		}
		event, isEvent := strings.CutPrefix(rows[i], "event ")
		if !isEvent {
			continue
		}
		for organ := range strings.FieldsSeq(rows[i+1]) {
			if t.organs[organ] == nil {
				return nil, fmt.Errorf("event %s goes to organ %s, which is not bound", event, organ)
			}
			t.events[event] = append(t.events[event], t.organs[organ])
		}
	}
	return t, nil
}

// refreshed returns the bindings after the server refused those that were known. Where it
// has lost the organs of this process they are bound again first.
func (p *partition) refreshed(ctx context.Context) (*bindings, error) {
	t, err := p.reload(ctx)
	if err != nil {
		return nil, err
	}
	for _, organ := range p.organs() {
		if t.organs[organ] == nil {
			if err := p.rebind(ctx); err != nil {
				return nil, err
			}
			return p.reload(ctx)
		}
	}
	return t, nil
}

func (p *partition) organs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name := range p.queues {
		names = append(names, name)
	}
	return names
}

// maxStale bounds how often a call is repeated because the bindings change under it.
const maxStale = 20

// errStale is the error of a call that met other bindings every time.
var errStale = fmt.Errorf("redis: the bindings changed %d times during one call", maxStale)

// fresh runs a call with the bindings, again when the server has others by now.
func (p *partition) fresh(ctx context.Context, call func(*bindings) *reply) *reply {
	t, err := p.table(ctx)
	if err != nil {
		return &reply{err: err}
	}
	for range maxStale {
		r := call(t)
		if r.err != nil || !r.stale() {
			return r
		}
		if t, err = p.refreshed(ctx); err != nil {
			return &reply{err: err}
		}
	}
	return &reply{err: errStale}
}

// routes collects where the messages of one call go.
type routes struct {
	table   *bindings
	targets []*target
	prefix  []string // of the key of each target's stream
	list    []route
}

// route is where the messages of one type go: to targets, or to a park, or nowhere.
type route struct {
	event   string
	targets []int
	park    bool
	pack    int // of the target with the smallest one
}

// of returns the number of a type's route.
func (rs *routes) of(t *necro.EventType) int {
	for i := range rs.list {
		if rs.list[i].event == t.Name {
			return i
		}
	}
	r := route{event: t.Name, pack: maxPack}
	for _, to := range rs.table.events[t.Name] {
		r.targets = append(r.targets, rs.target(to, "q:"))
		r.pack = min(r.pack, to.pack)
	}
	if len(r.targets) == 0 {
		r.park, r.pack = !t.Output, 1
	}
	rs.list = append(rs.list, r)
	return len(rs.list) - 1
}

// direct returns the number of a route to one organ's stream.
func (rs *routes) direct(to *target, prefix string) int {
	name := prefix + to.organ // unlike the name of any event
	for i := range rs.list {
		if rs.list[i].event == name {
			return i
		}
	}
	rs.list = append(rs.list, route{event: name, targets: []int{rs.target(to, prefix)}, pack: to.pack})
	return len(rs.list) - 1
}

// nowhere returns the number of the route of what nobody wants, as the scripts count.
func (rs *routes) nowhere() int {
	return rs.of(&necro.EventType{Output: true}) + 1
}

// target returns the number of a target.
func (rs *routes) target(to *target, prefix string) int {
	for i, known := range rs.targets {
		if known == to && rs.prefix[i] == prefix {
			return i
		}
	}
	rs.targets, rs.prefix = append(rs.targets, to), append(rs.prefix, prefix)
	return len(rs.targets) - 1
}

// keys are what the scripts' readRoutes expects behind their own keys.
func (rs *routes) keys(p *partition) []string {
	var keys []string
	for i, t := range rs.targets {
		keys = append(keys, p.key(rs.prefix[i]+t.organ), p.key("part:"+t.organ))
	}
	for _, r := range rs.list {
		if r.park {
			keys = append(keys, p.key("park:"+r.event))
		}
	}
	return keys
}

// args are what readRoutes reads. The first:… streams hold single messages.
func (rs *routes) args() []any {
	args := []any{len(rs.targets)}
	for i, t := range rs.targets {
		pack := t.pack
		if rs.prefix[i] != "q:" {
			pack = 1
		}
		args = append(args, t.organ, pack)
	}
	args = append(args, len(rs.list))
	for _, r := range rs.list {
		args = append(args, len(r.targets))
		for _, i := range r.targets {
			args = append(args, i+1)
		}
		if len(r.targets) == 0 {
			event := ""
			if r.park {
				event = r.event
			}
			args = append(args, event)
		}
	}
	return args
}
