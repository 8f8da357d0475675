package loop

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

// TestOneStepRemovesAFew: whatever crashes and callers' ids have left behind, a step of the sweep removes a bounded
// number.
func TestOneStepRemovesAFew(t *testing.T) {
	b := openProcess(t, redistest.Shared(t))
	p := b.Partitions[0]
	const old = 3000
	for i := range old {
		member := contract.IDOf(fmt.Sprint(i))
		numberOf(t, p, "zadd", p.Key("tok:ids"), 1000+i, member[:])
	}
	const over = 300 // unique events whose time is over, and one that goes on
	for i := range over + 1 {
		ends := 1000 + int64(i/over)*1e15
		numberOf(t, p, "zadd", p.Key("uniq:ends"), ends, fmt.Sprint("id", i))
		numberOf(t, p, "hset", p.Key("uniq"), fmt.Sprint("!id", i), fmt.Sprintf("%d\x000/o\x00place%d", ends, i), fmt.Sprint("@place", i), fmt.Sprint("id", i))
	}
	p.SendCommand(t.Context(), []any{"xgroup", "create", p.Key("q:o"), "necro", "0", "mkstream"})
	const gone = 600
	for i := range gone {
		numberOf(t, p, "xgroup", "createconsumer", p.Key("q:o"), "necro", fmt.Sprint(i))
	}
	time.Sleep(5 * time.Millisecond) // they are silent for longer than nothing
	p.SendCommand(t.Context(), []any{"hset", p.Key("n"), "sweep", b.Name + " 99999999999999"})
	before := numberOf(t, p, "zcard", p.Key("tok:ids"))
	p.sweepStream(t.Context(), p.Key("q:o"), 0)
	if n := before - numberOf(t, p, "zcard", p.Key("tok:ids")); n != maxOldIDs {
		t.Errorf("a step forgot %d ids, want %d", n, maxOldIDs)
	}
	if n := numberOf(t, p, "zcard", p.Key("uniq:ends")); n != 1 {
		t.Errorf("a step left %d unique events, want 1", n)
	}
	if n := numberOf(t, p, "hlen", p.Key("uniq")); n != 2 {
		t.Errorf("a step left %d fields of unique events, want 2", n)
	}
	r := p.SendCommand(t.Context(), []any{"xinfo", "consumers", p.Key("q:o"), "necro"})
	if n := r.Array(); n != gone-maxGone {
		t.Errorf("a step left %d consumers, want %d", n, gone-maxGone)
	}
}

// TestRemovingSkipsOthersByRank: a page of what is deleted for an organ that was removed costs the same
// however much is scheduled for others in front of it, at one moment or many.
func TestRemovingSkipsOthersByRank(t *testing.T) {
	p := openProcess(t, redistest.Start(t)).Partitions[0]
	const others = 100_000
	for first := 0; first < others; first += 1000 {
		args := []any{"zadd", p.Key("due")}
		for i := range 1000 {
			args = append(args, 1e15, fmt.Sprintf("other\x00%d", first+i))
		}
		p.SendCommand(t.Context(), args)
	}
	for i := range 3 { // behind all others
		p.SendCommand(t.Context(), []any{"zadd", p.Key("due"), 1e15, fmt.Sprintf("gone\x00%d", i)})
	}
	p.SendCommand(t.Context(), []any{"hset", p.Key("n"), "due gone", 3})
	var took []time.Duration
	for skip, state := 0, ""; state != "DONE"; {
		before := scriptTime(t, p)
		request := store.UnscheduleRequest{Keys: p.Keys(), Organ: "gone", Skip: skip, Messages: pageEvents, Bytes: pageBytes, Final: true}
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
	if left := p.SendCommand(t.Context(), []any{"zcard", p.Key("due")}).Int(); left != others {
		t.Errorf("%d are left of %d others", left, others)
	}
}

// scriptTime is how long the server has run scripts.
func scriptTime(t *testing.T, p *Partition) (took time.Duration) {
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

// TestRemovalIsFinishedBeforeBinding: an organ whose removal was interrupted gets none of the deliveries that were scheduled
// for it before.
func TestRemovalIsFinishedBeforeBinding(t *testing.T) {
	b := openProcess(t, redistest.Shared(t))
	p := b.Partitions[0]
	if err := b.ConnectOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	numberOf(t, p, "hset", p.Key("bind"), "removing o", "1")
	numberOf(t, p, "hset", p.Key("n"), "due o", 1)
	numberOf(t, p, "zadd", p.Key("due"), 1e15, "o\x00former", 1e15, "other\x00kept")
	if _, err := b.Subscribe(t.Context(), []contract.Subscription{{Organ: "o", Path: "p", Lease: time.Minute, DeadLimit: 9, DeadBytes: 1 << 20}}); err != nil {
		t.Fatal(err)
	}
	if n := numberOf(t, p, "zcard", p.Key("due")); n != 1 {
		t.Errorf("%d deliveries are scheduled, want that of the other organ", n)
	}
	table, err := p.ReloadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if table.Removing["o"] || table.Organs["o"] == nil {
		t.Errorf("the table is %+v", table)
	}
}
