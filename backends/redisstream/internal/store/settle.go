package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var settleScript = newScript(allowOOM, readSource("record"), readSource("lane"), readSource("settle"))

// SettleRequest applies outcomes of an organ's deliveries, each as one step with what its handler emitted.
//
// A caller adds entry by entry and, where an entry is not acknowledged as a whole, outcome by outcome. The
// messages that it puts into Rows belong to what was added last. Nothing is kept but the arguments: a call
// may have hundreds of outcomes.
type SettleRequest struct {
	Keys  Keys
	Organ string

	Digest    string // of the table of bindings that the caller knows
	Owner     string // the consumer that owns an exclusive organ, or the lanes of all deliveries, else empty
	Epoch     string // in which the owner owns the lanes; empty without lanes
	Lease     time.Duration
	Order     string // "strict", "key", or empty where none counts. The caller sets it before it adds outcomes
	DeadLimit int    // dead letters at which the organ pauses; 0 for any number
	DeadBytes int64
	Rows      *Rows // without ids

	// The part that is being put together. Places are those of numbers in the arguments of Rows, which are written when
	// the part ends; 0 where there is none.
	lone    int    // place of the number of lone entries
	entries int    // place of the number of other entries
	inside  int    // entries of the section
	emitted int    // place of the number of rows of the outcome added last
	loneID  string // the lone entry added last

	sections, outcomes int
	fewest             int  // answers, if a part of each entry was done before
	front              bool // an entry is one of the front stream
	others             bool // an outcome is no acknowledgement
	states             bool // an outcome writes a state
	uniques            bool // an outcome is done with a unique event
	joint              bool // entries are acknowledged together
	declines           bool // an outcome is a decline in a lane
}

// SettleOutcome names one delivery of an entry that is settled by parts.
type SettleOutcome struct {
	Index    int    // in the entry
	Delivery []byte // id of 16 bytes; with the key only where order counts, and none where it is done and has never failed
	Key      string // of the event
	Unique   []byte // id of a unique event that is done, 16 bytes; else nil
}

// SettleDeath is what a dead letter says.
type SettleDeath struct {
	ID                  []byte // of the delivery, 16 bytes
	Attempts            int32
	Reason, Text, Stack string
	Halt                string // why the organ stops; empty when it goes on
	Letter              []byte // the message
	GaveUp              bool   // its give-up handler ran
}

// AddLone adds an entry of the queue with one message, which is acknowledged and emits at most one. Two
// arguments instead of eight save a third of the server's time.
func (r *SettleRequest) AddLone(id string) {
	r.closeOutcome()
	r.loneID = id
	r.outcomes, r.fewest = r.outcomes+1, r.fewest+1
}

// AddWhole adds an entry of which all is acknowledged.
func (r *SettleRequest) AddWhole(stream int, id string, size int) {
	r.addEntry(stream, id, size, 0)
	r.openRows()
	r.outcomes, r.fewest = r.outcomes+size, r.fewest+1
}

// WholeEntry is an entry of which all is acknowledged.
type WholeEntry struct {
	Stream, Size int
	ID           string
}

// AddTogether adds entries of which all is acknowledged, together or not at all. Of a key that several of their deliveries write, there
// is one write: with the mark that the first of them has read, and the record of the last.
func (r *SettleRequest) AddTogether(entries []WholeEntry, writes []SettleWrite) {
	r.closeOutcome()
	r.closeSection()
	r.Rows.Args = append(r.Rows.Args, "together", len(entries))
	for _, e := range entries {
		r.Rows.Args = append(r.Rows.Args, e.Stream, e.ID, e.Size)
		r.front = r.front || e.Stream == FrontStream
		r.outcomes, r.fewest = r.outcomes+e.Size, r.fewest+1
	}
	r.Rows.Args = append(r.Rows.Args, appendWrites(nil, writes), len(writes))
	r.openRows()
	r.sections++
	r.states, r.joint = r.states || len(writes) > 0, true
}

// AddEntry adds an entry of which so many outcomes follow.
func (r *SettleRequest) AddEntry(stream int, id string, size, outcomes int) {
	r.addEntry(stream, id, size, outcomes)
	r.outcomes, r.fewest = r.outcomes+outcomes, r.fewest+outcomes
}

// AddAck adds an acknowledgement.
func (r *SettleRequest) AddAck(o SettleOutcome) {
	r.addOutcome(o, "ack")
	r.openRows()
}

// SettleWrite is what an outcome does with the record of its delivery's key.
type SettleWrite struct {
	Key  string
	Read uint64 // mark that the record must have; 0 for none
	Record
	TTL time.Duration // 0 for ever
}

// AddState adds an acknowledgement that writes a state, unless the record has another mark by then.
func (r *SettleRequest) AddState(o SettleOutcome, w SettleWrite) {
	r.addOutcome(o, "state")
	r.addWrite(&w)
	r.openRows()
}

// AddLater adds a delivery that comes again after a delay, as it waits in the schedule.
func (r *SettleRequest) AddLater(o SettleOutcome, delay time.Duration, member []byte) {
	r.addOutcome(o, "later")
	r.Rows.Args = append(r.Rows.Args, millisUp(delay), member)
	r.others = true
}

// AddDecline adds a delivery of a lane that is declined. It comes again after a delay, unless the lane goes to another
// consumer.
func (r *SettleRequest) AddDecline(o SettleOutcome, lane int, delay time.Duration, member []byte) {
	r.addOutcome(o, "decline")
	r.Rows.Args = append(r.Rows.Args, lane, millisUp(delay), member)
	r.others, r.declines = true, true
}

// AddDeath adds a delivery that becomes a dead letter.
func (r *SettleRequest) AddDeath(o SettleOutcome, d SettleDeath) {
	r.addOutcome(o, "dead")
	r.Rows.Args = append(r.Rows.Args, d.ID, d.Attempts, d.Reason, d.Text, d.Stack, d.Halt, d.Letter)
	r.others = true
}

// AddGiveUp adds a delivery that becomes a dead letter with what its give-up handler emitted. w is nil where no state is
// written.
func (r *SettleRequest) AddGiveUp(o SettleOutcome, d SettleDeath, w *SettleWrite) {
	r.addOutcome(o, "giveup")
	r.Rows.Args = append(r.Rows.Args, d.ID, d.Attempts, d.Reason, d.Text, d.Stack, d.Halt, d.Letter, flagOf(d.GaveUp), flagOf(w != nil))
	if w != nil {
		r.addWrite(w)
	}
	r.openRows()
	r.others = true
}

// addWrite adds what an outcome does with a record.
func (r *SettleRequest) addWrite(w *SettleWrite) {
	if r.Order == "" {
		r.Rows.Args = append(r.Rows.Args, w.Key)
	}
	r.Rows.Args = append(r.Rows.Args, appendMark(nil, w.Read), w.appendTo(make([]byte, 0, w.size())), millisUp(w.TTL))
	r.states = true
}

// appendWrites appends writes as readWrites reads them.
func appendWrites(b []byte, writes []SettleWrite) []byte {
	size := 0
	for i := range writes {
		size += 4 + len(writes[i].Key) + 9 + 4 + writes[i].size() + 8
	}
	b = slices.Grow(b, size)
	for i := range writes {
		w := &writes[i]
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(w.Key))), w.Key...)
		mark := len(b)
		b = appendMark(append(b, 0), w.Read)
		b[mark] = byte(len(b) - mark - 1)
		b = w.appendTo(binary.BigEndian.AppendUint32(b, uint32(w.size())))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(millisUp(w.TTL))))
	}
	return b
}

// addEntry begins an entry with outcomes, in a section of such entries.
func (r *SettleRequest) addEntry(stream int, id string, size, outcomes int) {
	r.closeOutcome()
	if r.entries == 0 {
		r.closeSection()
		r.Rows.Args = append(r.Rows.Args, "entries", nil)
		r.entries = len(r.Rows.Args) - 1
	}
	r.inside++
	r.front = r.front || stream == FrontStream
	r.Rows.Args = append(r.Rows.Args, stream, id, size, outcomes)
}

// addOutcome begins an outcome of the entry that was added last.
func (r *SettleRequest) addOutcome(o SettleOutcome, kind string) {
	r.closeOutcome()
	if o.Unique != nil {
		kind += string(o.Unique)
		r.uniques = true
	}
	r.Rows.Args = append(r.Rows.Args, o.Index, kind)
	if r.Order != "" {
		r.Rows.Args = append(r.Rows.Args, o.Delivery, o.Key)
	}
}

// openRows leaves a place for the number of rows that follow.
func (r *SettleRequest) openRows() {
	r.emitted = len(r.Rows.Args)
	r.Rows.Args, r.Rows.Number = append(r.Rows.Args, nil), 0
}

// closeOutcome ends what was added last, with the messages that it emits.
func (r *SettleRequest) closeOutcome() {
	switch {
	case r.loneID != "":
		r.closeLone()
	case r.emitted != 0:
		r.Rows.Close()
		r.Rows.Args[r.emitted] = r.Rows.Number
		r.emitted = 0
	}
}

// closeLone writes a lone entry into a section of entries whose messages all go the same way.
func (r *SettleRequest) closeLone() {
	w, route := r.Rows, 0
	if w.count > 0 {
		route = w.route + 1
	}
	var count int
	var message []byte
	if route > 0 {
		count, message = w.Take()
	}
	if r.lone == 0 || w.Args[r.lone-2] != route {
		r.closeSection()
		w.Args = append(w.Args, "lone", route, count, nil)
		r.lone = len(w.Args) - 1
	}
	r.inside++
	if w.Args = append(w.Args, r.loneID); route > 0 {
		w.Args = append(w.Args, message)
	}
	r.loneID = ""
}

// closeSection writes how many entries the section has.
func (r *SettleRequest) closeSection() {
	switch {
	case r.lone != 0:
		r.Rows.Args[r.lone] = r.inside
	case r.entries != 0:
		r.Rows.Args[r.entries] = r.inside
	default:
		return
	}
	r.lone, r.entries, r.inside, r.sections = 0, 0, 0, r.sections+1
}

// Call returns the keys and arguments as settle.lua reads them. Nothing can be added any more.
func (r *SettleRequest) Call() Call {
	r.closeOutcome()
	r.closeSection()
	ordered, routes := r.Order != "", r.Rows.Routes
	own := "own"
	if r.Epoch != "" {
		own = "lane"
	}
	keys := routes.appendKeys([]string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.scheduleKey(), r.Keys.pausesKey(), r.Keys.ofOrganIf(r.Owner != "" || r.Epoch != "", own, r.Organ),
		r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ), r.Keys.ofOrgan("dead", r.Organ), r.Keys.ofOrgan("deadid", r.Organ),
		r.Keys.ofOrganIf(ordered || r.Owner != "" || r.front, "first", r.Organ),
		r.Keys.ofOrganIf(ordered, "hold", r.Organ), r.Keys.ofOrganIf(ordered, "wait", r.Organ), r.Keys.ofOrganIf(r.Epoch != "", "bell", r.Organ)})
	effects := flagOf(!ordered && !r.others)
	if r.states {
		keys, effects = append(keys, r.Keys.statesOf(r.Organ)...), "s"
	}
	if r.uniques {
		keys = append(keys, r.Keys.uniquesOf()...)
	}
	args := routes.appendArgs([]any{r.Digest, r.Organ, r.Owner, r.Epoch, r.Lease.Milliseconds(), r.Order, r.DeadLimit, r.DeadBytes, effects, flagOf(r.declines)})
	return Call{settleScript, keys, append(append(args, r.sections), r.Rows.Args...)}
}

// SettleReply tells which outcomes were applied, in the order of the request, and what else changed.
type SettleReply struct {
	Paused bool // the organ is paused from now on
	LetGo  bool // a key was let go that messages wait for

	answers []byte // that were not taken yet
	left    int    // outcomes that these are for
	joint   bool   // entries were to be acknowledged together
}

// ReadReply reads an answer for each outcome of the request.
func (r *SettleRequest) ReadReply(reply *resp.Reply) (SettleReply, error) {
	text, err := readText(reply)
	if err != nil {
		return SettleReply{}, err
	}
	s := SettleReply{left: r.outcomes, joint: r.joint}
	text, s.LetGo = bytes.CutSuffix(text, []byte("~"))
	s.answers, s.Paused = bytes.CutSuffix(text, []byte("!"))
	fewest := r.fewest
	if r.joint { // an answer for each entry, at least
		fewest = min(1, r.outcomes)
	}
	if n := len(s.answers); n < fewest || n > r.outcomes || len(bytes.Trim(s.answers, r.allowed())) > 0 {
		return SettleReply{}, fmt.Errorf("%w: %.40q for %d outcomes", resp.ErrShape, text, r.outcomes)
	}
	return s, nil
}

// allowed are the answers that the script may give.
func (r *SettleRequest) allowed() string {
	answers := "01?"
	if r.states {
		answers += "2"
	}
	if r.declines {
		answers += "3"
	}
	return answers
}

// Take takes the answers of the entry that was added next, with so many outcomes: '1' for each that was applied, '2' for
// one whose record has another mark than it has read, '3' for a decline that hands its lane on, else '0'. It returns none for an
// entry of which nothing happened, and whose outcomes are to come again one by one: one that was to be acknowledged as a whole, and any
// in a call with entries that were to be acknowledged together.
func (s *SettleReply) Take(outcomes int, whole bool) (answers []byte, err error) {
	n, refused := outcomes, (whole || s.joint) && len(s.answers) > 0 && s.answers[0] == '?'
	if refused {
		n = 1
	}
	s.left -= outcomes
	if len(s.answers) < n || len(s.answers)-n > s.left || !refused && bytes.IndexByte(s.answers[:n], '?') >= 0 ||
		whole && bytes.ContainsAny(s.answers[:n], "23") {
		return nil, fmt.Errorf("%w: %.40q for the next %d outcomes", resp.ErrShape, s.answers, outcomes)
	}
	if answers, s.answers = s.answers[:n], s.answers[n:]; refused {
		return nil, nil
	}
	return answers, nil
}

// millisUp rounds up, because a scheduled delivery must not come early.
func millisUp(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
