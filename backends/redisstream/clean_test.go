package redisstream

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestOneStepRemovesAFew: whatever crashes and callers' ids have left behind, a publish or a step of the
// sweep removes a bounded number.
func TestOneStepRemovesAFew(t *testing.T) {
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := b.partitions[0]
	number := func(args ...any) int {
		t.Helper()
		r := p.SendCommand(t.Context(), args)
		n := r.Int()
		if r.Err != nil {
			t.Fatal(args, r.Err)
		}
		return n
	}
	const old = 3000
	id := func(i int) contract.ID { return contract.IDOf(fmt.Sprint(i)) }
	for i := range old {
		member := id(i)
		number("zadd", p.key("tok:ids"), 1000+i, member[:])
	}
	event := &contract.EventType{Name: "E", Version: 1}
	publish := func(i int) {
		t.Helper()
		if _, err := b.Publish(t.Context(), []contract.Message{{ID: id(i), Type: event, Payload: []byte{0x80}, Once: true}}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	publish(old) // a new one
	if n := number("zcard", p.key("tok:ids")); n != old-8+1 {
		t.Errorf("a publish left %d ids of %d", n, old+1)
	}
	publish(old - 1) // it is remembered for too long, and counts as new
	publish(old - 1) // now it does not
	if n := number("xlen", p.key("park:E")); n != 2 {
		t.Errorf("%d events are stored, want 2", n)
	}

	p.SendCommand(t.Context(), []any{"xgroup", "create", p.key("q:o"), "necro", "0", "mkstream"})
	const gone = 600
	for i := range gone {
		number("xgroup", "createconsumer", p.key("q:o"), "necro", fmt.Sprint(i))
	}
	time.Sleep(5 * time.Millisecond) // they are silent for longer than nothing
	p.SendCommand(t.Context(), []any{"hset", p.key("n"), "sweep", b.process + " 99999999999999"})
	before := number("zcard", p.key("tok:ids"))
	p.sweepStream(t.Context(), p.key("q:o"), 0)
	if n := before - number("zcard", p.key("tok:ids")); n != maxOldIDs {
		t.Errorf("a step forgot %d ids, want %d", n, maxOldIDs)
	}
	r := p.SendCommand(t.Context(), []any{"xinfo", "consumers", p.key("q:o"), "necro"})
	if n := r.Array(); n != gone-maxGone {
		t.Errorf("a step left %d consumers, want %d", n, gone-maxGone)
	}
}

// TestHealthLooksCloser: a look at many organs counts few of what each holds, and the organs that hold
// more are looked at in pages.
func TestHealthLooksCloser(t *testing.T) {
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)), WithPack(1))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	event := &contract.EventType{Name: "E", Version: 1}
	var subs []contract.Subscription
	for i := range 100 {
		sub := contract.Subscription{Organ: fmt.Sprint("o", i), Path: "p", Lease: time.Minute, DeadLimit: 9, DeadBytes: 1 << 20}
		if i%20 == 0 {
			sub.Events = []*contract.EventType{event}
		}
		subs = append(subs, sub)
	}
	consumers, err := b.Subscribe(t.Context(), subs)
	if err != nil {
		t.Fatal(err)
	}
	const n = 150
	msgs := make([]contract.Message, n)
	for i := range msgs {
		msgs[i] = contract.Message{ID: contract.NewID(), Type: event, Payload: []byte{0x80}}
	}
	if _, err := b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(consumers); i += 20 {
		for got := 0; got < n; {
			ds, err := consumers[i].Fetch(t.Context(), n-got)
			if err != nil {
				t.Fatal(err)
			}
			got += len(ds)
		}
	}
	h := b.Health(t.Context())
	leased := 0
	for _, o := range h.Organs {
		leased += o.Leased
	}
	if h.Err != nil || leased != 5*n {
		t.Errorf("%d are leased, error %v; want %d", leased, h.Err, 5*n)
	}
}

// TestRemovingSkipsOthersByRank: a page of what is deleted for an organ that was removed costs the same
// however much is scheduled for others in front of it, at one moment or many.
func TestRemovingSkipsOthersByRank(t *testing.T) {
	b, err := Open(redistest.Start(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := b.partitions[0]
	const others = 100_000
	for first := 0; first < others; first += 1000 {
		args := []any{"zadd", p.key("due")}
		for i := range 1000 {
			args = append(args, 1e15, fmt.Sprintf("other\x00%d", first+i))
		}
		p.SendCommand(t.Context(), args)
	}
	for i := range 3 { // behind all others
		p.SendCommand(t.Context(), []any{"zadd", p.key("due"), 1e15, fmt.Sprintf("gone\x00%d", i)})
	}
	p.SendCommand(t.Context(), []any{"hset", p.key("n"), "due gone", 3})
	var took []time.Duration
	for skip, state := 0, ""; state != "DONE"; {
		before := scriptTime(t, p)
		request := store.UnscheduleRequest{Keys: p.keys(), Organ: "gone", Skip: skip, Messages: pageEvents, Bytes: pageBytes, Final: true}
		next, err := request.ReadReply(p.RunCall(t.Context(), request.Call()))
		if err != nil || len(took) > others {
			t.Fatal(next, err)
		}
		state, skip = next.State, next.Skip
		took = append(took, scriptTime(t, p)-before)
	}
	if want := others/pageEvents + 1; len(took) > want+1 {
		t.Errorf("%d pages, want %d", len(took), want)
	}
	quarter := len(took) / 4
	slices.Sort(took[:quarter])
	slices.Sort(took[3*quarter:])
	early, late := took[quarter/2], took[3*quarter+quarter/2]
	if late > 5*early {
		t.Errorf("a page took %v at the beginning, and %v behind %d others", early, late, others)
	}
	if left := p.SendCommand(t.Context(), []any{"zcard", p.key("due")}).Int(); left != others {
		t.Errorf("%d are left of %d others", left, others)
	}
}

// scriptTime is how long the server has run scripts.
func scriptTime(t *testing.T, p *partition) (took time.Duration) {
	t.Helper()
	stats := string(p.SendCommand(t.Context(), []any{"info", "commandstats"}).Bulk())
	for line := range strings.Lines(stats) {
		for _, name := range []string{"cmdstat_eval:", "cmdstat_evalsha:"} {
			if _, rest, ok := strings.Cut(line, name); ok {
				_, rest, _ = strings.Cut(rest, "usec=")
				number, _, _ := strings.Cut(rest, ",")
				usec, err := strconv.Atoi(number)
				if err != nil {
					t.Fatal(line)
				}
				took += time.Duration(usec) * time.Microsecond
			}
		}
	}
	return took
}
