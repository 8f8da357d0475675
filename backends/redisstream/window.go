package redisstream

import (
	"cmp"
	"context"
	"errors"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

const (
	mostRead   = 4 << 20 // what an answer with entries should have at most, unless one entry has more
	readAtOnce = 8       // entries that a script reads between two looks at their size
	firstRead  = 8       // entries that are asked for where their size is unknown
	growth     = 8       // how many times as many entries as an answer had the next one may have
)

// window bounds how many entries are asked for at a time, because Redis counts entries and not
// bytes. It begins with few, since their size is unknown, and with one after an answer that was
// lost: it may have been too large for the network, or for what the server gives a client.
type window struct {
	most  int // entries; 0 is firstRead
	bytes int // of an entry, as last seen: it grows at once and shrinks slowly
	limit int // of an answer; 0 is mostRead. It shrinks when one is lost, and grows slowly again
}

// fitEntries bounds a number of entries.
func (w *window) fitEntries(entries int) int {
	return max(1, min(entries, cmp.Or(w.most, firstRead), w.answerRoom()/max(w.bytes, 1)))
}

// answerRoom is how many bytes an answer should have at most.
func (w *window) answerRoom() int { return cmp.Or(w.limit, mostRead) }

// entrySize is what an entry may have.
func (w *window) entrySize() int { return cmp.Or(w.bytes, store.PackBytes) }

// readPage sends a command that reads so many things, at most, one behind the other, and returns how
// many it asked for. When the answer would be too large it asks for one.
func (w *window) readPage(ctx context.Context, p *conn.Node, most int, command func(count int) []any) (*resp.Reply, int) {
	for {
		count := w.fitEntries(most)
		replies, err := p.SendPipeline(ctx, count, 0, command(count))
		switch {
		case err != nil:
			return &resp.Reply{Err: err}, count
		case errors.Is(replies[0].Err, conn.ErrAnotherServer) && ctx.Err() == nil:
			continue // a page is of no term: the new server has one as well
		case !errors.Is(replies[0].Err, conn.ErrTooLarge):
			return replies[0], count
		}
		w.noteLost()
	}
}

// noteAnswer takes in what an answer had.
func (w *window) noteAnswer(entries, bytes int) {
	w.bytes = max(bytes/entries*9/8, w.bytes*3/4)
	w.most = max(w.most, growth*entries)
	if limit := w.answerRoom(); bytes >= limit/2 {
		w.limit = min(limit+limit/8, mostRead)
	}
}

// noteLost begins with one entry again.
func (w *window) noteLost() { w.most, w.limit = 1, max(w.answerRoom()/4, store.PackBytes) }

// memoryFor returns how much an answer will take, as far as is known.
func (w *window) memoryFor(entries int) int {
	if w.bytes == 0 {
		return 0
	}
	return entries*(w.bytes+64) + 1<<10
}
