package sqlite

import (
	"cmp"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// known is what this process remembers of the file's small tables, so that most transactions read nothing of them. Only
// the writer's goroutine uses it.
//
// The bindings change seldom: they are read again when their number in the table meta changes. The counters of an organ
// are read again when another process has committed since: generation tells.
type known struct {
	generation uint64        // grows when the file may differ from these fields
	seen       uint64        // generation at which the number of the bindings was compared
	waited     time.Duration // for the lock, when that was long and leases have not been shifted yet
	bindings   int64         // their number; 0 has them be read
	organs     map[int64]*organ
	names      map[string]*organ // by all names that an organ has had
	bound      map[string][]*organ
	identities map[string]string // of events that have former names
	delayed    int64             // events in the table later
	delayedAt  uint64            // generation at which they were counted
}

// organ is a durable subscription. Only the writer's goroutine uses it, but for the fields that say otherwise.
type organ struct {
	number                    int64 // never changes
	identity                  string
	name                      string
	order                     contract.OrderMode
	exclusive                 bool
	deadLimit, deadBytesLimit int64

	generation uint64 // of known, at which the counters below were read
	counters

	waiting sqlstore.Waiters // calls of Fetch; any goroutine
	next    atomic.Int64     // see nextLook; any goroutine
}

// counters are the columns of an organ's row that change with its deliveries.
type counters struct {
	paused              string
	owner, ownerUntil   int64
	head, tail, leased  int64
	back, held, holding int64
	dead, deadBytes     int64
	due, expiry         int64
}

// firstID is the id before the organ's first delivery.
func (o *organ) firstID() int64 { return o.number << placeBits }

// lastID is the last id that the organ can have.
func (o *organ) lastID() int64 { return o.firstID() | lastPlace }

// countStored is how many deliveries the organ has that are not done.
func (c *counters) countStored() int64 { return c.tail - c.head + c.leased + c.back }

// never is a time that does not come.
const never = math.MaxInt64

// earlierOf returns the earlier of two times, of which 0 is none.
func earlierOf(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

const readOrganAll = `SELECT number, ` + organColumns + ` FROM organ`

const readOrganOne = `SELECT ` + organColumns + ` FROM organ WHERE number = ?`

const organColumns = `name, identity, ordered, exclusive, dead_limit, dead_bytes_limit,
	paused, owner, owner_until, head, tail, leased, back, held, holding, dead, dead_bytes, due, expiry`

// refreshBindings reads the bindings again when another process may have changed them.
func (k *known) refreshBindings(t *transaction) error {
	if k.seen == k.generation && k.bindings != 0 {
		return nil
	}
	number, err := t.queryNumber(`SELECT value FROM meta WHERE name = 'bindings'`)
	if err != nil {
		return err
	}
	k.seen = k.generation
	if number == k.bindings {
		return nil
	}
	if err := k.readBindings(t); err != nil {
		return err
	}
	k.bindings = number
	t.b.tellBindings(k)
	return nil
}

// readBindings reads organs, their names and their events. An organ keeps its place in memory, because consumers point to
// it.
func (k *known) readBindings(t *transaction) error {
	organs := map[int64]*organ{}
	err := t.query(func(r *row) error {
		n := r.between(1, lastOrgan)
		o := k.organs[n]
		if o == nil {
			o = &organ{number: n}
		}
		o.readColumns(r)
		o.generation = k.generation
		organs[n] = o
		return nil
	}, readOrganAll)
	if err != nil {
		return err
	}
	names, bound, identities := map[string]*organ{}, map[string][]*organ{}, map[string]string{}
	err = t.query(func(r *row) error {
		name := r.text()
		if o := organs[r.integer()]; o != nil {
			names[name] = o
		}
		return nil
	}, `SELECT name, organ FROM name`)
	if err != nil {
		return err
	}
	err = t.query(func(r *row) error {
		event := r.text()
		if o := organs[r.integer()]; o != nil {
			bound[event] = append(bound[event], o)
		}
		return nil
	}, `SELECT event, organ FROM bound ORDER BY event, organ`)
	if err != nil {
		return err
	}
	err = t.query(func(r *row) error { identities[r.text()] = r.text(); return nil }, `SELECT event, identity FROM identity`)
	if err != nil {
		return err
	}
	k.organs, k.names, k.bound, k.identities = organs, names, bound, identities
	return nil
}

// readColumns reads an organ's columns, in the order of organColumns.
func (o *organ) readColumns(r *row) {
	o.name, o.identity = r.text(), r.text()
	o.order, o.exclusive = contract.OrderMode(r.between(0, 2)), r.integer() != 0
	o.deadLimit, o.deadBytesLimit = r.count(), r.count()
	o.paused, o.owner, o.ownerUntil = r.text(), r.integer(), r.integer()
	o.head, o.tail = r.between(0, lastPlace), r.between(0, lastPlace)
	o.leased, o.back, o.held, o.holding = r.count(), r.count(), r.count(), r.count()
	o.dead, o.deadBytes, o.due, o.expiry = r.count(), r.count(), r.integer(), r.integer()
	o.tail = max(o.tail, o.head)
}

// loadCounters reads an organ's counters when another process may have changed them.
func (o *organ) loadCounters(t *transaction) error {
	if o.generation == t.b.known.generation {
		return nil
	}
	found := false
	err := t.query(func(r *row) error { o.readColumns(r); found = true; return nil }, readOrganOne, o.number)
	if err == nil && !found {
		return contract.Permanent(fmt.Errorf("organ %s: it was removed while this process was stopped: subscribe again", o.name))
	}
	o.generation = t.b.known.generation
	return err
}

// saveCounters writes an organ's counters.
func (o *organ) saveCounters(t *transaction) {
	t.exec(`UPDATE organ SET paused = ?, owner = ?, owner_until = ?, head = ?, tail = ?, leased = ?, back = ?, held = ?, holding = ?,
		dead = ?, dead_bytes = ?, due = ?, expiry = ? WHERE number = ?`,
		o.paused, o.owner, o.ownerUntil, o.head, o.tail, o.leased, o.back, o.held, o.holding,
		o.dead, o.deadBytes, o.due, o.expiry, o.number)
}

// pauseReason returns why the organ is paused, or an empty string.
func (o *organ) pauseReason() string {
	full := o.deadLimit > 0 && o.dead >= o.deadLimit || o.deadBytesLimit > 0 && o.deadBytes >= o.deadBytesLimit
	switch {
	case o.paused != "":
		return o.paused
	case full:
		return "its dead letters are full: redrive or discard some"
	}
	return ""
}

// hasWork reports whether a Fetch may find a delivery.
func (o *organ) hasWork() bool {
	return o.pauseReason() == "" && o.tail-o.head+o.back-o.held > 0
}

// nextLook returns when a look may find something that no commit tells: a retry that is due, a lease that ran out, an owner
// that fell silent.
func (o *organ) nextLook() int64 {
	next := cmp.Or(earlierOf(o.due, o.expiry), never)
	if o.exclusive && o.owner != 0 {
		next = min(next, o.ownerUntil)
	}
	return next
}

// publishState notes when the next look is worth it, and wakes the calls of Fetch that may find committed deliveries.
func (o *organ) publishState(changed bool) {
	o.next.Store(o.nextLook())
	if changed && o.hasWork() {
		o.waiting.WakeAll()
	}
}
