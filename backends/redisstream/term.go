package redisstream

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A settle names its entry by the id, and a stream gives no id twice. A failover may break that: the
// new primary lacks the last writes of the former one, and when its clock is behind, it may give an
// id that was lost with them to another entry. So an id counts only within a term: the time in which
// all connections of a node lead to one server, as one primary. An entry that was leased in another
// term is compared with what the server stores, once, before a call changes it.
//
// The clients of a node belong to the term in which they were made. The first connection that meets
// another server ends the term: it is refused, and so is every later one of these clients. Calls that
// are under way end on the connections that they have, which lead to the former server.
//
//	term n, server unknown --first connection--> term n, server known --another server--> term n+1, server known

// errAnotherServer is the error of a call that was not sent, because the term that it is for is over.
var errAnotherServer = errors.New("redis: the partition has another server now, or that one was started again")

// Bounds of changes of the term: one that follows the last within termRest counts as a change in a row.
// After maxChanges of them, the answers are those of a proxy that speaks for several servers.
const (
	termRest   = 10 * time.Second
	maxChanges = 16
)

// terms is what a node knows of its server. The node's mutex guards it; node.term is read without.
type terms struct {
	server  string // of this term; "" until a connection has told
	changed time.Time
	changes int  // in a row
	blind   bool // servers cannot be told apart, so the term does not change any more
}

// greetServer returns what a new connection of clients runs first: it refuses another server than that of
// the clients' term. then is the caller's own, or nil.
func (n *node) greetServer(then func(context.Context, *redis.Conn) error) func(context.Context, *redis.Conn) error {
	term := n.term.Load()
	return func(ctx context.Context, cn *redis.Conn) error {
		server, err := identifyServer(ctx, cn)
		if err != nil {
			return err
		}
		met, blinded := n.meetServer(term, server)
		if blinded {
			n.log.Warn("redis: each connection leads to another server: is there a proxy in front of several? "+
				"What a failover does to entries that are leased is not noticed any more", "addr", n.serverAddress())
		}
		if !met {
			return errAnotherServer
		}
		if then != nil {
			return then(ctx, cn)
		}
		return nil
	}
}

// identifyServer returns what tells a server from every other one, and from itself before it was started
// again or became the primary; "" where the user may not ask.
func identifyServer(ctx context.Context, cn *redis.Conn) (string, error) {
	text, err := cn.Info(ctx, "server", "replication").Result()
	if isCode(err, "NOPERM", "ERR") { // a proxy may not know INFO
		return "", nil
	}
	if err != nil {
		return "", err
	}
	told := parseInfo(text)
	return told["run_id"] + " " + told["master_replid"], nil
}

// meetServer takes in which server a connection leads to, and reports whether it is that of a term. Another
// one begins the next term, with clients of its own. blinded says that from now on all count as one.
func (n *node) meetServer(term uint64, server string) (met, blinded bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t := &n.terms
	switch {
	case term != n.term.Load():
		return false, false
	case server == "" || t.blind || server == t.server:
		return true, false
	case t.server == "":
		t.server = server
		return true, false
	}
	if time.Since(t.changed) > termRest {
		t.changes = 0
	}
	t.server, t.changed, t.changes = server, time.Now(), t.changes+1
	if t.blind = t.changes > maxChanges; t.blind {
		return true, true
	}
	n.term.Add(1)
	n.retireClients()
	return false, false
}

// clientOf returns the client for calls of a term, or errAnotherServer when that is over.
func (n *node) clientOf(ctx context.Context, term uint64) (*redis.Client, error) {
	calls, _, err := n.bothClients(ctx)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls != calls || n.term.Load() != term {
		return nil, errAnotherServer
	}
	return calls, nil
}

// enterTerm returns the current term for a call about entries, and those of the entries that the call must
// leave out because they are foreign. When the term ends meanwhile, it begins again in the next one.
func (q *queue) enterTerm(ctx context.Context, entries iter.Seq[*entry]) (term uint64, foreign []*entry, err error) {
	for {
		term = q.p.node.term.Load()
		foreign, err = q.foreignEntries(ctx, term, entries)
		if !errors.Is(err, errAnotherServer) || ctx.Err() != nil {
			return term, foreign, err
		}
	}
}

// foreignEntries returns those of the entries which the server does not store as they were leased, though it
// may store others by their ids. They are forgotten; the others belong to the term from then on. It costs
// nothing while the term is that of the leases.
func (q *queue) foreignEntries(ctx context.Context, term uint64, entries iter.Seq[*entry]) (list []*entry, err error) {
	old := q.ofOtherTerms(term, entries)
	for len(old) > 0 {
		n := sizeWithin(old, maxBytes)
		same, err := q.compareStored(ctx, term, old[:n])
		if err != nil {
			return nil, err
		}
		q.mu.Lock()
		for i, e := range old[:n] {
			if same[i] == '1' {
				e.term = term
			} else {
				list = append(list, e)
			}
		}
		q.forgetEntries(list)
		q.mu.Unlock()
		old = old[n:]
	}
	return list, nil
}

// ofOtherTerms returns those of the entries that were leased in another term, those in a row once.
func (q *queue) ofOtherTerms(term uint64, entries iter.Seq[*entry]) (old []*entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for e := range entries {
		if e.term != term && (len(old) == 0 || old[len(old)-1] != e) {
			old = append(old, e)
		}
	}
	return old
}

// sizeWithin returns how many of the entries hold so many bytes: at least one.
func sizeWithin(entries []*entry, bytes int) int {
	for i, e := range entries {
		if bytes -= len(e.pack); i > 0 && bytes < 0 {
			return i
		}
	}
	return len(entries)
}

// compareStored asks of each entry whether the server stores its bytes under its id.
func (q *queue) compareStored(ctx context.Context, term uint64, entries []*entry) (same []byte, err error) {
	request := store.SameRequest{Keys: q.p.keys(), Organ: q.organ}
	for _, e := range entries {
		sum := sha1.Sum(bytesOf(e.pack))
		request.Entries = append(request.Entries, store.SameEntry{Stream: e.stream, ID: e.id, Digest: hex.EncodeToString(sum[:])})
	}
	reply, err := request.ReadReply(q.p.runAll(ctx, term, []store.Call{request.Call()})[0])
	return reply.Same, err
}

// entriesOf yields the entry of each delivery.
func entriesOf(ds []contract.Delivery) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for i := range ds {
			if !yield(ds[i].Ref.(*entry)) {
				return
			}
		}
	}
}

// entriesIn yields the entry of each outcome that is still to be answered.
func entriesIn(parts []*settlePart) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, part := range parts {
			for i := range part.outcomes {
				if !yield(part.outcomes[i].Delivery.Ref.(*entry)) {
					return
				}
			}
		}
	}
}
