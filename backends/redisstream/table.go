package redisstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	necro "github.com/necrostack/necrogen/runtime"
)

// target is an organ that messages go to.
type target struct {
	organ   string // its identity, which its keys are named by
	shown   string // the name under which it was bound last
	path    string // import path of its package, as bound last
	pack    int
	mode    mode
	turning bool // a former order has left something behind that waits to be let go
}

// front is the stream for messages that were stored before, for instance retries.
func (t *target) front() string {
	if t.mode.order == "-" {
		return "q:"
	}
	return "first:"
}

// bindings is the table of who handles what, as the server had it when it was read.
type bindings struct {
	digest   string
	events   map[string][]*target
	organs   map[string]*target  // by identity
	names    map[string]string   // identities of organs by their other names
	idents   map[string]string   // identities of events by their other names
	draining map[string][]string // events whose park is being handed over, to these organs
	removing map[string]bool     // identities whose scheduled deliveries are still to be deleted
}

// organ returns an organ by any of its names.
func (t *bindings) organ(name string) *target {
	if id, renamed := t.names[name]; renamed {
		return t.organs[id]
	}
	return t.organs[name]
}

// direct returns the organs that an event goes to at once: none while its park is handed over.
func (t *bindings) direct(event string) []*target {
	if t.draining[event] != nil {
		return nil
	}
	return t.events[event]
}

// event returns an event's identity: the name under which it was known first.
func (t *bindings) event(name string) string {
	if id, renamed := t.idents[name]; renamed {
		return id
	}
	return name
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
	rows := r.Strings()
	if r.Err != nil {
		return nil, r.Err
	}
	t, err := parseBindings(rows)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.key("bind"), err)
	}
	p.tables.current.Store(t)
	for _, q := range p.list() {
		q.adopt(t)
	}
	return t, nil
}

// parseBindings reads the rows of the table, each with a kind and a name. Kinds that it does not
// know are left to later versions.
func parseBindings(rows []string) (*bindings, error) {
	t := &bindings{events: map[string][]*target{}, organs: map[string]*target{}, names: map[string]string{}, idents: map[string]string{},
		draining: map[string][]string{}, removing: map[string]bool{}}
	for i := 0; i+1 < len(rows); i += 2 {
		if name, isOrgan := strings.CutPrefix(rows[i], "organ "); isOrgan {
			to, err := parseTarget(name, rows[i+1])
			if err != nil {
				return nil, err
			}
			t.organs[name] = to
		}
	}
	for i := 0; i+1 < len(rows); i += 2 {
		kind, name, _ := strings.Cut(rows[i], " ")
		value, organ := rows[i+1], t.organs[name]
		switch kind {
		case "digest":
			t.digest = value
		case "event":
			for organ := range strings.FieldsSeq(value) {
				if t.organs[organ] == nil {
					return nil, fmt.Errorf("event %s goes to organ %s, which is not bound", name, organ)
				}
				t.events[name] = append(t.events[name], t.organs[organ])
			}
		case "name":
			t.names[name] = value
		case "ident":
			t.idents[name] = value
		case "drain":
			t.draining[name] = strings.Fields(value)
		case "removing":
			t.removing[name] = true
		case "shown", "exclusive", "turn":
			if organ != nil {
				organ.note(kind, value)
			}
		}
	}
	return t, nil
}

func parseTarget(organ, row string) (*target, error) {
	words := strings.Fields(row)
	if len(words) != 3 {
		return nil, fmt.Errorf("organ %s is bound as %q, want path, pack and order", organ, row)
	}
	pack, err := strconv.Atoi(words[1])
	if err != nil || pack < 1 || pack > maxPack {
		return nil, fmt.Errorf("organ %s is bound with a pack of %q", organ, words[1])
	}
	return &target{organ: organ, shown: organ, path: words[0], pack: pack, mode: mode{order: words[2]}}, nil
}

// note takes in a row about an organ beside the first one, which readers of an earlier version know
// nothing of.
func (t *target) note(kind, value string) {
	switch kind {
	case "shown":
		t.shown = value
	case "exclusive":
		t.mode.exclusive = value == "1"
	case "turn":
		t.turning = true
	}
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
func (p *partition) fresh(ctx context.Context, call func(*bindings) *resp.Reply) *resp.Reply {
	t, err := p.table(ctx)
	if err != nil {
		return &resp.Reply{Err: err}
	}
	for range maxStale {
		r := call(t)
		if r.Err != nil || !isStale(r) {
			return r
		}
		if t, err = p.refreshed(ctx); err != nil {
			return &resp.Reply{Err: err}
		}
	}
	return &resp.Reply{Err: errStale}
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
	behind  bool // the park is being handed over: it takes what is newer, too, and lets nothing go
	pack    int  // of the target with the smallest one
}

// of returns the number of a type's route.
func (rs *routes) of(t *necro.EventType) int {
	for i := range rs.list {
		if rs.list[i].event == t.Name {
			return i
		}
	}
	r := route{event: t.Name, pack: maxPack}
	if r.behind = rs.table.draining[t.Name] != nil; r.behind {
		r.park, r.pack = true, 1
		rs.list = append(rs.list, r)
		return len(rs.list) - 1
	}
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
			if r.behind {
				event = " " + event
			}
			args = append(args, event)
		}
	}
	return args
}

// isStale reports whether a script was refused because the caller knows another table of bindings.
func isStale(r *resp.Reply) bool { return r.Err == nil && string(r.Raw) == "$5\r\nSTALE\r\n" }
