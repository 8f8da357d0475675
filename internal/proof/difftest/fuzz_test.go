package difftest

import (
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	necro "github.com/necrostack/necrogen/runtime"
)

// FuzzDecode reads hostile bytes as every event: no panic, bounded memory, and what is
// taken is written and read again the same.
func FuzzDecode(f *testing.F) {
	for i, e := range events {
		r := compare.NewRandom(1, uint64(i))
		for range 4 {
			b, err := r.Fresh(e).AppendMsgpack(nil)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), b)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, in []byte) {
		e := events[int(which)%len(events)]
		got := compare.Empty(e)
		var err error
		read := func() { _, err = got.ReadMsgpack(in) }
		// Elements that were read may take more than the bound for those that were not. What
		// others allocate meanwhile is counted, too, but not three times in a row.
		if limit := uint64(2048*len(in) + 256<<10); min(allocated(read), allocated(read), allocated(read)) > limit {
			t.Fatalf("%d bytes take more than %d", len(in), limit)
		}
		if err == nil {
			again(t, got)
		}
	})
}

// again writes what was read, reads that and writes it again. The second time nothing may change;
// the first time fields behind an embedded pointer that is nil do, as the reference has it: they
// are written as nil, which is read as a pointer to zero values.
func again(t *testing.T, e necro.Event) {
	t.Helper()
	_ = e.Validate()
	once := reread(t, e)
	twice := reread(t, once)
	if b := encode(t, once); string(encode(t, twice)) != string(b) {
		t.Fatalf("% x is read as %+v", b, twice)
	}
}

func reread(t *testing.T, e necro.Event) necro.Event {
	t.Helper()
	b, got := encode(t, e), compare.Empty(e)
	if rest, err := got.ReadMsgpack(b); err != nil || len(rest) > 0 {
		t.Fatalf("%v, %d bytes left of % x", err, len(rest), b)
	}
	return got
}

// FuzzValidate fills the events with rules, and compares the verdicts.
func FuzzValidate(f *testing.F) {
	ref := compare.Validator()
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := compare.NewRandom(a, b)
		for _, e := range events {
			if _, err := compare.Verdict(ref, r.Fresh(e)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
