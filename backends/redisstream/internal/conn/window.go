package conn

import (
	"cmp"
	"context"
	"errors"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

const (
	MostRead   = 4 << 20 // what an answer with entries should have at most, unless one entry has more
	ReadAtOnce = 8       // entries that a script reads between two looks at their size
	firstRead  = 8       // entries that are asked for where their size is unknown
	growth     = 8       // how many times as many entries as an answer had the next one may have
)

// Window bounds how many entries are asked for at a time, because Redis counts entries and not
// bytes. It begins with few, since their size is unknown, and with one after an answer that was
// lost: it may have been too large for the network, or for what the server gives a client.
type Window struct {
	most  int // entries; 0 is firstRead
	bytes int // of an entry, as last seen: it grows at once and shrinks slowly
	limit int // of an answer; 0 is MostRead. It shrinks when one is lost, and grows slowly again
}

// FitEntries bounds a number of entries.
func (w *Window) FitEntries(entries int) int {
	return max(1, min(entries, cmp.Or(w.most, firstRead), w.AnswerRoom()/max(w.bytes, 1)))
}

// AnswerRoom is how many bytes an answer should have at most.
func (w *Window) AnswerRoom() int { return cmp.Or(w.limit, MostRead) }

// EntrySize is what an entry may have.
func (w *Window) EntrySize() int { return cmp.Or(w.bytes, store.PackBytes) }

// ReadPage sends a command that reads so many things, at most, one behind the other, and returns how
// many it asked for. When the answer would be too large it asks for one.
func (w *Window) ReadPage(ctx context.Context, p *Node, most int, command func(count int) []any) (*resp.Reply, int) {
	for {
		count := w.FitEntries(most)
		replies, err := p.SendPipeline(ctx, count, 0, command(count))
		switch {
		case err != nil:
			return &resp.Reply{Err: err}, count
		case errors.Is(replies[0].Err, ErrAnotherServer) && ctx.Err() == nil:
			continue // a page is of no term: the new server has one as well
		case !errors.Is(replies[0].Err, ErrTooLarge):
			return replies[0], count
		}
		w.NoteLost()
	}
}

// NoteAnswer takes in what an answer had.
func (w *Window) NoteAnswer(entries, bytes int) {
	w.bytes = max(bytes/entries*9/8, w.bytes*3/4)
	w.most = max(w.most, growth*entries)
	if limit := w.AnswerRoom(); bytes >= limit/2 {
		w.limit = min(limit+limit/8, MostRead)
	}
}

// NoteLost begins with one entry again.
func (w *Window) NoteLost() { w.most, w.limit = 1, max(w.AnswerRoom()/4, store.PackBytes) }

// MemoryFor returns how much an answer will take, as far as is known.
func (w *Window) MemoryFor(entries int) int {
	if w.bytes == 0 {
		return 0
	}
	return entries*(w.bytes+64) + 1<<10
}
