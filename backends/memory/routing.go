package memory

import (
	"cmp"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// routing says which queues an event goes to. It never changes: Subscribe, RemoveOrgan and
// Close make a new one, and replace it while they hold the backend's mutex and those of all
// queues. So a call that holds the mutex of one queue, or the backend's, and finds the routing
// that it has worked with, may store by it.
type routing struct {
	closed bool
	byName map[string][]*queue // queues in the order of their numbers
	byType map[*contract.EventType][]*queue
}

// newRouting returns the routing of queues.
func newRouting(queues []*queue) *routing {
	r := &routing{byName: map[string][]*queue{}, byType: map[*contract.EventType][]*queue{}}
	for _, q := range queues {
		for name := range q.names {
			r.byName[name] = append(r.byName[name], q)
		}
	}
	for _, q := range queues {
		for _, t := range q.sub.Events {
			r.byType[t] = r.byName[t.Name]
		}
	}
	return r
}

// queuesOf returns the queues that are bound to a type.
func (r *routing) queuesOf(t *contract.EventType) []*queue {
	if queues, ok := r.byType[t]; ok {
		return queues
	}
	return r.byName[t.Name]
}

// route is a routing that remembers the type that it was asked for last, and the mutexes that a call has
// to lock before it stores. It belongs to one call.
type route struct {
	*routing
	last   *contract.EventType
	answer []*queue

	targets   []*queue // in the order of their numbers, in which they are locked
	directory bool     // the backend's mutex as well, which is locked first
}

// queuesOf returns the queues that are bound to a type. Events of one type come in a row as a rule, so
// that the last answer saves most look-ups.
func (r *route) queuesOf(t *contract.EventType) []*queue {
	if t != r.last {
		r.last, r.answer = t, r.routing.queuesOf(t)
	}
	return r.answer
}

// planMessages adds to the targets where messages go, and returns how many deliveries they make.
func (r *route) planMessages(msgs []contract.Message) (deliveries int) {
	for i := range msgs {
		m := &msgs[i]
		if m.Due != 0 {
			r.directory = true
			deliveries++
			continue
		}
		known := m.Type == r.last
		queues := r.queuesOf(m.Type)
		if !known {
			r.addTargets(queues...)
		}
		if m.Once || m.Unique != 0 || len(queues) == 0 && !m.Type.Output {
			r.directory = true
		}
		deliveries += len(queues)
	}
	return deliveries
}

// addTargets adds queues to those that are to be locked, each once and in their order.
func (r *route) addTargets(queues ...*queue) {
	for _, q := range queues {
		at, found := slices.BinarySearchFunc(r.targets, q.number, func(other *queue, number uint64) int {
			return cmp.Compare(other.number, number)
		})
		if !found {
			r.targets = slices.Insert(r.targets, at, q)
		}
	}
}

// lockRoute locks the targets. It reports false, and has locked nothing, when the routing is another
// one by now.
func (b *Backend) lockRoute(r *route) bool {
	if r.directory {
		b.mu.Lock()
	}
	for _, q := range r.targets {
		q.mu.Lock()
	}
	if b.routing.Load() == r.routing {
		return true
	}
	b.unlockRoute(r)
	return false
}

// unlockRoute ends lockRoute.
func (b *Backend) unlockRoute(r *route) {
	for _, q := range r.targets {
		q.mu.Unlock()
	}
	if r.directory {
		b.mu.Unlock()
	}
}

// lockAll locks the backend and every queue, for calls that look at all organs at once or change
// the routing. It returns the queues, for unlockAll.
func (b *Backend) lockAll() []*queue {
	b.mu.Lock()
	for _, q := range b.all {
		q.mu.Lock()
	}
	return b.all
}

// unlockAll ends lockAll. It takes the queues of that call, because all may have been replaced since.
func (b *Backend) unlockAll(locked []*queue) {
	for _, q := range locked {
		q.mu.Unlock()
	}
	b.mu.Unlock()
}
