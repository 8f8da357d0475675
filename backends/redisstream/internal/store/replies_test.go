package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// bound prepares the organs o and s of the cases, with the digest that their requests know.
func (s *server) bound() {
	s.Helper()
	s.must("hset", s.keys.bindingsKey(), "digest", "d", "organ o", "path 9 -", "organ s", "path 1 strict", "exclusive o", "0")
	for _, organ := range []string{"o", "s"} {
		for _, part := range []string{"q", "first"} {
			s.must("xgroup", "create", s.keys.ofOrgan(part, organ), "necro", "0", "mkstream")
		}
	}
}

// TestParsersReadRealReplies runs each request with its whole script on a server that has the organs. The
// parser takes what the script answers, and a call with an old digest is told as stale.
func TestParsersReadRealReplies(t *testing.T) {
	s := startServer(t)
	for _, c := range echoCases(s.keys) {
		s.must("flushdb")
		s.bound()
		if err := s.parse(c.request); err != nil && !(errors.Is(err, ErrStale) && isMode(c.request)) {
			t.Errorf("%T: %v", c.request, err)
		}
		digest := reflect.ValueOf(c.request).Elem().FieldByName("Digest")
		if !digest.IsValid() {
			continue
		}
		digest.SetString("an old one")
		if _, isHealth := c.request.(*HealthRequest); isHealth {
			continue
		}
		if err := s.parse(c.request); !errors.Is(err, ErrStale) {
			t.Errorf("%T with an old digest: %v", c.request, err)
		}
	}
}

// isMode reports whether a request is for an organ with order by key, which o is not.
func isMode(request stepRequest) bool {
	_, ok := request.(*AsideRequest)
	return ok
}

// parse runs a request and its parser, and returns the error.
func (s *server) parse(request stepRequest) error {
	results := reflect.ValueOf(request).MethodByName("ReadReply").Call([]reflect.Value{reflect.ValueOf(s.run(request))})
	err, _ := results[len(results)-1].Interface().(error)
	return err
}

// read is the reply of a request, which must be one.
func read[T any](s *server, request interface {
	stepRequest
	ReadReply(*resp.Reply) (T, error)
}) T {
	s.Helper()
	reply, err := request.ReadReply(s.run(request))
	if err != nil {
		s.Fatal(err)
	}
	return reply
}

// TestRepliesSayWhatHappened follows a message through some steps, and wants each reply to say so.
func TestRepliesSayWhatHappened(t *testing.T) {
	s := startServer(t)
	s.bound()
	one := &OneRequest{Keys: s.keys, Organ: "o", Digest: "d", Number: 1, Process: "p", Entry: []byte("\x91m")}
	for range 2 { // the second one is a repetition, which stores nothing
		if err := s.parse(one); err != nil {
			t.Fatal(err)
		}
	}
	s.must("xreadgroup", "group", "necro", "p", "streams", s.keys.ofOrgan("q", "o"), ">")
	pending := s.send("xrange", s.keys.ofOrgan("q", "o"), "-", "+")
	if n := pending.Array(); n != 1 {
		t.Fatalf("%d entries, want one", n)
	}
	pending.ArrayOf(2)
	id := string(pending.Bulk())

	extended := read(s, &ExtendRequest{Keys: s.keys, Organ: "o", Consumer: "p", Entries: []ExtendEntry{{QueueStream, id, 1, []int{0}, nil}, {QueueStream, "1-1", 1, nil, nil}}})
	if string(extended.Renewed) != "10" {
		t.Errorf("renewed %q, want the first of two", extended.Renewed)
	}
	other := read(s, &ExtendRequest{Keys: s.keys, Organ: "o", Consumer: "other", Entries: []ExtendEntry{{QueueStream, id, 1, nil, nil}}})
	if string(other.Renewed) != "0" {
		t.Errorf("another consumer renewed %q", other.Renewed)
	}
	if taken, err := s.settle(id, "1-1"); string(taken) != "10" || err != nil {
		t.Errorf("settled %q (%v), want the first of two", taken, err)
	}
	if taken, err := s.settle(id); string(taken) != "0" || err != nil {
		t.Errorf("settled %q (%v) the second time", taken, err)
	}
	one.Number = 2
	if err := s.parse(one); err != nil {
		t.Fatal(err)
	}
	s.must("xreadgroup", "group", "necro", "p", "streams", s.keys.ofOrgan("q", "o"), ">")
	health := read(s, &HealthRequest{Keys: s.keys, Limit: 10, Organs: []HealthOrgan{{"o", "-", false}}})
	if o := health.Organs[0]; o.Entries != 1 || o.Leased != 1 || o.More || health.Digest != "d" {
		t.Errorf("health %+v", health)
	}
	look := read(s, &LookRequest{Keys: s.keys, Digest: "d", Consumer: "other", Organs: []LookOrgan{{"o", "", 0, ""}, {"s", "", time.Hour, "strict"}}})
	if !slices.Equal(look.States, []string{"open+", "open"}) { // with no lease at all, whatever is held is free
		t.Errorf("states %q", look.States)
	}
	if left := read(s, &RemoveRequest{Keys: s.keys, Digest: "d", Organ: "o"}); left.Consumers != 0 {
		t.Errorf("%d consumers", left.Consumers)
	}

	s.must("zadd", s.keys.scheduleKey(), 1, "o\x000123456789abcdefmessage")
	s.must("zadd", s.keys.scheduleKey(), "1e15", "s\x000123456789abcdefmessage")
	due := read(s, &DueRequest{Keys: s.keys, Limit: 10, Bytes: 1000})
	if due.Next != 0 || !slices.Equal(due.Organs, []string{"o"}) {
		t.Errorf("due %+v", due)
	}
	first := read(s, &DueRequest{Keys: s.keys, Limit: 10, Bytes: 1000, Sweeper: "p", Lease: time.Hour})
	second := read(s, &DueRequest{Keys: s.keys, Limit: 10, Bytes: 1000, Sweeper: "other", Lease: time.Hour})
	if first.Next != 0 || second.Next >= 0 {
		t.Errorf("two processes sweep at once: %v, %v", first, second)
	}
	if swept := read(s, &SweepRequest{Keys: s.keys, Stream: s.keys.ofOrgan("q", "s"), Process: "other"}); swept.Sweeps {
		t.Error("a process sweeps without the lease")
	}
	claimed := read(s, &MetaRequest{Keys: s.keys, Layout: "1", Partitions: "2"})
	again := read(s, &MetaRequest{Keys: s.keys, Layout: "3", Partitions: "4", Tags: "a"})
	if want := (MetaReply{"1", "2", ""}); claimed != want || again != want {
		t.Errorf("claimed %+v, then %+v", claimed, again)
	}
	step := read(s, &StepRequest{Keys: s.keys, Steps: "0", By: time.Hour})
	late := read(s, &StepRequest{Keys: s.keys, Steps: "0", By: time.Hour})
	if step.Clock[len(step.Clock)-2:] != " 1" || late.Clock[len(late.Clock)-2:] != " 1" {
		t.Errorf("clocks %q and %q, want one step", step.Clock, late.Clock)
	}
}

// TestLookFindsWhatItsOwnerForgot: an entry that the owner of an exclusive organ has held for longer than a lease leads
// to a claim, because a failover may have taken back that the owner settled it.
func TestLookFindsWhatItsOwnerForgot(t *testing.T) {
	s := startServer(t)
	s.bound()
	for stream, order := range map[string]string{"q": "", "first": "key"} {
		s.must("set", s.keys.ofOrgan("own", "s"), "p/1")
		s.must("xadd", s.keys.ofOrgan(stream, "s"), "*", "m", "message")
		s.must("xreadgroup", "group", "necro", "p", "streams", s.keys.ofOrgan(stream, "s"), ">")
		time.Sleep(2 * time.Millisecond) // by the server's clock it is held for longer than the second lease
		for lease, want := range map[time.Duration]string{time.Hour: "open", time.Millisecond: "open+"} {
			s.must("set", s.keys.ofOrgan("own", "s"), "p/1")
			look := read(s, &LookRequest{Keys: s.keys, Digest: "d", Consumer: "p", Organs: []LookOrgan{{"s", "p/1", lease, order}}})
			if look.States[0] != want {
				t.Errorf("stream %s, a lease of %v: %q, want %q", stream, lease, look.States[0], want)
			}
		}
		s.must("del", s.keys.ofOrgan(stream, "s"))
		s.must("xgroup", "create", s.keys.ofOrgan(stream, "s"), "necro", "0", "mkstream")
	}
}

// TestStatesAreReadByBytes bounds an answer by the bytes of its records: it has one at least.
func TestStatesAreReadByBytes(t *testing.T) {
	s := startServer(t)
	s.bound()
	record := Record{Mark: 7, Version: 1, Value: []byte(strings.Repeat("x", 100))}
	for _, key := range []string{"a", "b", "c"} {
		s.must("hset", s.keys.ofOrgan("state", "o"), key, record.appendTo(nil))
		s.must("zadd", s.keys.ofOrgan("keys", "o"), 0, key)
	}
	for bytes, want := range map[int]int{1: 1, 123: 2, 1000: 3} {
		found := read(s, &LoadRequest{Keys: s.keys, Organ: "o", Digest: "d", Bytes: bytes, Of: []string{"a", "b", "c"}})
		page := read(s, &RangeRequest{Keys: s.keys, Organ: "o", Digest: "d", Limit: 10, Bytes: bytes})
		if len(found.Records) != want || len(page.Records) != want || found.Records[0].Mark != 7 {
			t.Errorf("%d bytes: %d records, and a page of %d, want %d", bytes, len(found.Records), len(page.Records), want)
		}
	}
}

// TestRecordsEndByThemselves: a record whose time is over is none, though no sweep has removed it.
func TestRecordsEndByThemselves(t *testing.T) {
	s := startServer(t)
	s.bound()
	record := Record{Mark: 7, Version: 1, Value: []byte("value")}
	stored := string(record.appendTo(nil))
	over := "\x3f\xf0" + strings.Repeat("\x00", 6) // the first millisecond of 1970
	for key, expiry := range map[string]string{"over": over, "ever": strings.Repeat("\x00", 8)} {
		s.must("hset", s.keys.ofOrgan("state", "o"), key, stored[:9]+expiry+stored[17:])
		s.must("zadd", s.keys.ofOrgan("keys", "o"), 0, key)
	}
	found := read(s, &LoadRequest{Keys: s.keys, Organ: "o", Digest: "d", Bytes: 1000, Of: []string{"over", "ever"}})
	page := read(s, &RangeRequest{Keys: s.keys, Organ: "o", Digest: "d", Limit: 10, Bytes: 1000})
	if found.Records[0].Mark != 0 || found.Records[1].Mark != 7 || !slices.Equal(page.Found, []string{"ever"}) {
		t.Errorf("found %+v, listed %q", found.Records, page.Found)
	}
}

// settle acknowledges entries with one message each, and returns the answers to them.
func (s *server) settle(ids ...string) (answers []byte, err error) {
	s.Helper()
	request := &SettleRequest{Keys: s.keys, Organ: "o", Digest: "d", Lease: time.Hour, Rows: TakeRows(&Routes{Keys: s.keys})}
	for _, id := range ids {
		request.AddLone(id)
	}
	reply := read(s, request)
	for range ids {
		answer, failed := reply.Take(1, true)
		answers, err = append(answers, answer...), errors.Join(err, failed)
	}
	return answers, err
}

// TestSettleRepliesMatchTheirEntries gives a request for an entry that is acknowledged as a whole, for two outcomes of
// another and for a lone entry, answers of every shape.
func TestSettleRepliesMatchTheirEntries(t *testing.T) {
	for text, want := range map[string]string{
		"1110101": "1110 10 1", "?101": "? 10 1", "0000001!": "0000 00 1!", "0000001~": "0000 00 1~", "?111!~": "? 11 1!~",
		"": "error", "?": "error", "?1": "error", "?10111": "error", "?1011": "error", "111010": "error", "11101011": "error", "1?11": "error", "1110?01": "error", "???": "error", "????": "error",
		"1110101~!": "error", "111010x": "error", "1110101!!": "error",
	} {
		request := settleFor("", "")
		request.AddWhole(QueueStream, "1-1", 4)
		request.AddEntry(QueueStream, "1-2", 3, 2)
		request.AddAck(SettleOutcome{Index: 0})
		request.AddAck(SettleOutcome{Index: 2})
		request.AddLone("1-3")
		if got := readSettle(request, text, 4, 2, 1); got != want {
			t.Errorf("%q reads as %s, want %s", text, got, want)
		}
	}
}

// TestStateRepliesMatchTheirEntries allows a conflict where a state is written, and nowhere else.
func TestStateRepliesMatchTheirEntries(t *testing.T) {
	for text, want := range map[string]string{"1121": "11 21", "1120~": "11 20~", "?12": "? 12", "2111": "error", "11?": "error", "113": "error"} {
		request := settleFor("", "")
		request.AddWhole(QueueStream, "1-1", 2)
		request.AddEntry(QueueStream, "1-2", 2, 2)
		request.AddState(SettleOutcome{Index: 0}, SettleWrite{Key: "k"})
		request.AddAck(SettleOutcome{Index: 1})
		if got := readSettle(request, text, 2, 2); got != want {
			t.Errorf("%q reads as %s, want %s", text, got, want)
		}
	}
}

// TestAlteredRecordsAreTold reads records that no settle wrote.
func TestAlteredRecordsAreTold(t *testing.T) {
	good := "\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03value"
	for stored, want := range map[string]string{
		good: "", good[:20]: "20 bytes, want 21 or more", "\x02" + good[1:]: "layout 2", good[:1] + strings.Repeat("\x00", 8) + good[9:]: "mark 0",
	} {
		load := LoadRequest{Of: []string{awkward}}
		found, err := load.ReadReply(&resp.Reply{Raw: fmt.Appendf(nil, "*1\r\n$%d\r\n%s\r\n", len(stored), stored)})
		list := RangeRequest{Limit: 1}
		page, listed := list.ReadReply(&resp.Reply{Raw: fmt.Appendf(nil, "*3\r\n$1\r\nk\r\n$1\r\nk\r\n$%d\r\n%s\r\n", len(stored), stored)})
		if err != nil || listed != nil {
			t.Fatalf("%q: %v, %v", stored, err, listed)
		}
		for _, r := range []Record{found.Records[0], page.Records[0]} {
			whole := r.Mark == 7 && r.Version == 3 && string(r.Value) == "value" && r.Problem == ""
			if whole != (want == "") || !strings.Contains(r.Problem, want) || !whole && (r.Mark != 0 || r.Value != nil) {
				t.Errorf("%q reads as %+v, want %q", stored, r, want)
			}
		}
	}
}

// readSettle reads an answer entry by entry, each with so many outcomes.
func readSettle(request *SettleRequest, text string, entries ...int) string {
	reply, err := request.ReadReply(&resp.Reply{Raw: fmt.Appendf(nil, "$%d\r\n%s\r\n", len(text), text)})
	if err != nil {
		return "error"
	}
	var words []string
	for i, outcomes := range entries {
		answers, err := reply.Take(outcomes, i == 0)
		if err != nil {
			return "error"
		}
		if answers == nil {
			answers = []byte("?")
		}
		words = append(words, string(answers))
	}
	said := strings.Join(words, " ")
	if reply.Paused {
		said += "!"
	}
	if reply.LetGo {
		said += "~"
	}
	return said
}
