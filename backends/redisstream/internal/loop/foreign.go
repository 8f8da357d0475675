package loop

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"iter"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The id of an entry counts within a term of the partition's node (see package conn): a failover may give it to
// another entry. An entry that was leased in another term is compared with what the server stores, once, before a
// call changes it.

// enterTerm returns the current term for a call about entries, and those of the entries that the call must
// leave out because they are foreign. When the term ends meanwhile, it begins again in the next one.
func (q *queue) enterTerm(ctx context.Context, entries iter.Seq[*held.Entry]) (term uint64, foreign []*held.Entry, err error) {
	for {
		term = q.p.Term()
		foreign, err = q.foreignEntries(ctx, term, entries)
		if !errors.Is(err, conn.ErrAnotherServer) || ctx.Err() != nil {
			return term, foreign, err
		}
	}
}

// foreignEntries returns those of the entries which the server does not store as they were leased, though it
// may store others by their ids. They are lost; the others belong to the term from then on. It costs
// nothing while the term is that of the leases.
func (q *queue) foreignEntries(ctx context.Context, term uint64, entries iter.Seq[*held.Entry]) (list []*held.Entry, err error) {
	old := q.ofOtherTerms(term, entries)
	for len(old) > 0 {
		n := sizeWithin(old, message.MaxBytes)
		same, err := q.compareStored(ctx, term, old[:n])
		if err != nil {
			return nil, err
		}
		q.mu.Lock()
		for i, e := range old[:n] {
			if same[i] == '1' {
				e.Term = term
			} else {
				list = append(list, e)
			}
		}
		q.held.Lose(list)
		if slices.ContainsFunc(list, func(e *held.Entry) bool { return e.Epoch != 0 }) {
			q.rewindLanes() // what the server stores by their ids was left out as if it were these
		}
		q.mu.Unlock()
		old = old[n:]
	}
	return list, nil
}

// ofOtherTerms returns those of the entries that were leased in another term. Equal ones in a row are in the list once,
// which is enough, because deliveries of one entry stand together.
func (q *queue) ofOtherTerms(term uint64, entries iter.Seq[*held.Entry]) (old []*held.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for e := range entries {
		if e.Term != term && (len(old) == 0 || old[len(old)-1] != e) {
			old = append(old, e)
		}
	}
	return old
}

// sizeWithin returns how many of the entries one call compares: at least one, and no more than have so many bytes together,
// because the server reads them all in one step.
func sizeWithin(entries []*held.Entry, bytes int) int {
	for i, e := range entries {
		if bytes -= len(e.Pack); i > 0 && bytes < 0 {
			return i
		}
	}
	return len(entries)
}

// compareStored asks of each entry whether the server stores its bytes under its id. A digest is sent, so that the bytes
// do not cross the network again.
func (q *queue) compareStored(ctx context.Context, term uint64, entries []*held.Entry) (same []byte, err error) {
	request := store.SameRequest{Keys: q.p.Keys(), Organ: q.organ}
	for _, e := range entries {
		sum := sha1.Sum(message.BytesOf(e.Pack))
		request.Entries = append(request.Entries, store.SameEntry{Stream: e.Stream, ID: e.ID, Digest: hex.EncodeToString(sum[:])})
	}
	reply, err := request.ReadReply(q.p.RunAll(ctx, term, []store.Call{request.Call()})[0])
	return reply.Same, err
}

// entriesOf yields the entry of each delivery. Deliveries of one entry stand together, and yield it several times.
func entriesOf(ds []contract.Delivery) iter.Seq[*held.Entry] {
	return func(yield func(*held.Entry) bool) {
		for i := range ds {
			if !yield(held.EntryOf(&ds[i])) {
				return
			}
		}
	}
}

// entriesIn yields the entry of each outcome that is still to be answered.
func entriesIn(parts []*settlePart) iter.Seq[*held.Entry] {
	return func(yield func(*held.Entry) bool) {
		for _, part := range parts {
			for i := range part.outcomes {
				if !yield(held.EntryOf(part.outcomes[i].Delivery)) {
					return
				}
			}
		}
	}
}
