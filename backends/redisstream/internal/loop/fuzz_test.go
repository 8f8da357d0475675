package loop

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// FuzzUnpack reads entries that anybody may have written. Every message of a pack becomes a
// delivery or poison, or is settled: one of them, once. What is delivered is stored again as it
// was read, and poison keeps its bytes.
func FuzzUnpack(f *testing.F) {
	typ := &contract.EventType{Name: "STEP", Version: 1}
	stored := func(m contract.Message, p message.Progress) []byte {
		m.Type = typ
		return message.Append(nil, &m, p)
	}
	plain := stored(contract.Message{ID: contract.ID{1}, Correlation: contract.ID{1}, Nanos: 1 << 60, Payload: []byte{0x80}}, message.Progress{})
	rich := stored(contract.Message{
		ID: contract.ID{2}, Correlation: contract.ID{1}, Causation: contract.ID{1}, Key: "key", Hops: 3,
		Headers: map[string]string{"traceparent": "00", "a": ""}, Payload: []byte("payload"),
	}, message.Progress{Attempts: 2, Declines: 1, Declined: 1 << 60})
	pack := func(messages ...[]byte) []byte {
		return append(wire.AppendArrayLen(nil, len(messages)), bytes.Join(messages, nil)...)
	}
	f.Add(pack(plain), uint64(0))
	f.Add(pack(plain, rich, plain), uint64(2))
	f.Add(pack(slices.Repeat([][]byte{plain}, 64)...), ^uint64(0)>>1)
	f.Add(pack(plain, rich[:20], plain), uint64(1))
	f.Add(pack(rich)[:30], uint64(0))
	f.Fuzz(func(t *testing.T, pack []byte, settled uint64) { unpackOne(t, pack, settled, typ) })
}

func unpackOne(t *testing.T, pack []byte, settled uint64, typ *contract.EventType) {
	ts := message.Types{}
	ts.AddType(typ)
	r := received{stream: held.MainStream, ID: []byte("1-0"), deliveries: 2, marks: marksOf(pack, settled), Pack: pack}
	ds, e, bad := r.unpack(nil, 0, ts)
	if e.Size < 1 || e.Size > message.MaxPack {
		t.Fatalf("a pack of %d", e.Size)
	}
	seen := e.In(held.Settled)
	see := func(i int) {
		if i < 0 || i >= e.Size || seen>>i&1 == 1 {
			t.Fatalf("message %d of %d comes twice, or is none", i, e.Size)
		}
		seen |= 1 << i
	}
	for i := range ds {
		see(int(ds[i].Tag))
		storedAgain(t, &ds[i], ts)
	}
	for _, p := range bad {
		see(p.index)
		if !strings.Contains(string(pack), p.raw) || p.err == nil {
			t.Fatalf("poison %q, %v", p.raw, p.err)
		}
		for i := p.index + 1; p.rest && i < e.Size; i++ {
			see(i)
		}
	}
	if seen != uint64(1)<<e.Size-1 {
		t.Fatalf("of %d messages only %d are there", e.Size, bits.OnesCount64(seen))
	}
}

// marksOf marks messages as settled, as far as they can be told from each other: others never are.
func marksOf(pack []byte, settled uint64) []byte {
	n, s, err := wire.ReadArrayLen(wire.View(pack))
	if err != nil || n < 1 || n > message.MaxPack {
		return nil
	}
	marks := []byte(strings.Repeat("1", n))
	for i := range n {
		if s, err = wire.Skip(s); err != nil {
			break
		}
		if settled>>i&1 == 1 {
			marks[i] = '#'
		}
	}
	return marks
}

// storedAgain wants a delivery to be the same when it is stored and read again.
func storedAgain(t *testing.T, d *contract.Delivery, ts message.Types) {
	p := message.Progress{Attempts: d.Attempts, Declines: d.Declines, Declined: d.Declined}
	b := message.Append(nil, &d.Message, p)
	var again contract.Delivery
	rest, err := message.Read(wire.View(b), &again, ts)
	if err != nil || rest != "" {
		t.Fatalf("%q is stored as %q: %v, %d bytes left", d.Payload, b, err, len(rest))
	}
	if !bytes.Equal(b, message.Append(nil, &again.Message, message.Progress{Attempts: again.Attempts, Declines: again.Declines, Declined: again.Declined})) {
		t.Fatalf("stored as %q, and then another way", b)
	}
}
