package redisstream

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// originSize is that of the place where a message stood, as aside.lua writes it.
const originSize = 27

// storedPage is how many entries are read at a time, of at most 64 events each.
const storedPage = 100

// EachStored calls visit with every event that is stored and not settled, until it returns false. It reads page
// by page while others work: events that come or go meanwhile may be missing. An event is stored once for each
// organ. What cannot be read is left out: it becomes a dead letter of that reason.
func (b *Backend) EachStored(ctx context.Context, visit func(contract.Stored) (more bool)) error {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return err
	}
	for _, p := range b.partitions {
		if err := p.eachStored(ctx, visit); errors.Is(err, errEnough) {
			break
		} else if err != nil {
			return p.ExplainError(err)
		}
	}
	return nil
}

// errEnough ends a look through the stored events, because visit wants no more.
var errEnough = errors.New("enough")

func (p *partition) eachStored(ctx context.Context, visit func(contract.Stored) bool) error {
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return err
	}
	for _, organ := range slices.Sorted(maps.Keys(t.Organs)) {
		shown := t.Organs[organ].Shown
		marks, err := p.marksOf(ctx, organ)
		if err != nil {
			return err
		}
		if err := p.eachEntry(ctx, "q:"+organ, contract.Stored{Place: contract.PlaceReady, Organ: shown}, marks, "", visit); err != nil {
			return err
		}
		if err := p.eachEntry(ctx, "first:"+organ, contract.Stored{Place: contract.PlaceHeldBack, Organ: shown}, marks, "+", visit); err != nil {
			return err
		}
		if err := p.eachWaiting(ctx, organ, visit); err != nil {
			return err
		}
		if err := p.eachEntry(ctx, "dead:"+organ, contract.Stored{Place: contract.PlaceDead, Organ: shown}, nil, "", visit); err != nil {
			return err
		}
	}
	if err := p.eachDue(ctx, visit); err != nil {
		return err
	}
	r := p.SendCommand(ctx, []any{"hgetall", p.Key("n")})
	counts := r.Pairs()
	for _, field := range slices.Sorted(maps.Keys(counts)) {
		if event, ok := strings.CutPrefix(field, "parked "); ok && r.Err == nil {
			r.Err = p.eachEntry(ctx, "park:"+event, contract.Stored{Place: contract.PlaceParked}, nil, "", visit)
		}
	}
	return r.Err
}

// marksOf are those of an organ's entries: a settled message of a pack is not stored any more.
func (p *partition) marksOf(ctx context.Context, organ string) (map[string]string, error) {
	r := p.SendCommand(ctx, []any{"hgetall", p.Key("part:" + organ)})
	return r.Pairs(), r.Err
}

// eachEntry visits the messages of a stream. Those of dead letters stand there one by one.
func (p *partition) eachEntry(ctx context.Context, name string, s contract.Stored, marks map[string]string, prefix string, visit func(contract.Stored) bool) error {
	w := conn.Window{}
	for from := "-"; ; {
		r, asked := w.ReadPage(ctx, p.Node, storedPage, func(count int) []any {
			return []any{"xrange", p.Key(name), from, "+", "COUNT", count}
		})
		n, size := max(r.Array(), 0), len(r.Raw)
		for range n {
			r.Array()
			id := string(r.Bulk())
			from = "(" + id
			pack := r.Pairs()["m"]
			if r.Err != nil {
				return r.Err
			}
			if s.Place == contract.PlaceDead {
				pack = "\x91" + pack
			}
			if !eachMessage(pack, marks[prefix+id], s, visit) {
				return errEnough
			}
		}
		if r.Err != nil || n < asked {
			return r.Err
		}
		w.NoteAnswer(n, size)
	}
}

// eachMessage visits the messages of an entry that are not settled.
func eachMessage(pack, marks string, s contract.Stored, visit func(contract.Stored) bool) bool {
	n, rest, err := wire.ReadArrayLen(pack)
	for i := 0; i < n && err == nil; i++ {
		var d contract.Delivery
		if rest, err = message.Read(rest, &d, nil); err == nil && (i >= len(marks) || marks[i] != '#') {
			s.Message = d.Message
			if !visit(s) {
				return false
			}
		}
	}
	return true
}

// eachDue visits the members that wait for their time: organ, a zero byte, delivery id, message.
func (p *partition) eachDue(ctx context.Context, visit func(contract.Stored) bool) error {
	err := p.eachMember(ctx, "later", func(member string) bool {
		r := p.SendCommand(ctx, []any{"hget", p.Key("laterid"), member[max(0, len(member)-len(contract.ID{})):]})
		event, kept, ok := strings.Cut(string(r.Bulk()), "\x00")
		if r.Err != nil || !ok { // the anchor, or an event that has become due meanwhile
			return true
		}
		return event == "" || eachMessage("\x91"+kept[min(len(kept), 8):], "", contract.Stored{Place: contract.PlaceScheduled}, visit)
	})
	if err != nil {
		return err
	}
	return p.eachMember(ctx, "due", func(member string) bool {
		organ, rest, _ := strings.Cut(member, "\x00")
		message := rest[min(len(rest), len(contract.ID{})):]
		return eachMessage("\x91"+message, "", contract.Stored{Place: contract.PlaceScheduled, Organ: p.ShownName(organ)}, visit)
	})
}

// eachWaiting visits the members that wait behind a key: the length of the key in four bytes, the key, the place
// where it stood, message.
func (p *partition) eachWaiting(ctx context.Context, organ string, visit func(contract.Stored) bool) error {
	return p.eachMember(ctx, "wait:"+organ, func(member string) bool {
		message := ""
		if len(member) >= 4 {
			start := 4 + uint64(binary.BigEndian.Uint32([]byte(member))) + originSize
			message = member[min(uint64(len(member)), start):]
		}
		return eachMessage("\x91"+message, "", contract.Stored{Place: contract.PlaceHeldBack, Organ: p.ShownName(organ)}, visit)
	})
}

// eachMember visits the members of a sorted set, until visit returns false.
func (p *partition) eachMember(ctx context.Context, name string, visit func(member string) (more bool)) error {
	w := conn.Window{}
	for from := 0; ; {
		r, asked := w.ReadPage(ctx, p.Node, storedPage, func(count int) []any {
			return []any{"zrange", p.Key(name), from, from + count - 1}
		})
		size := len(r.Raw)
		members := r.Strings()
		if r.Err != nil {
			return r.Err
		}
		for _, member := range members {
			if !visit(member) {
				return errEnough
			}
		}
		if len(members) < asked {
			return nil
		}
		w.NoteAnswer(len(members), size)
		from += asked
	}
}
