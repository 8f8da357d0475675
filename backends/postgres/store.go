package postgres

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxPayload is the largest event that the database takes.
const maxPayload = 256 << 20

// storeEvents are the ends of a statement that stores the rows of its table e, which has the columns ord, id, event, key,
// envelope, payload, due, output and spread: events with a delay wait until it is over, others go to the organs that are bound to
// them, and those without an organ are parked. Nothing but rows of these tables is written, so that an open transaction holds
// up no other.
const storeEvents = `
	delayed AS (INSERT INTO {later} (id, due, event, key, output, spread, envelope, payload)
		SELECT id, due, event, key, output, spread, envelope, payload FROM e WHERE due <> 0 ORDER BY ord ON CONFLICT (id) DO NOTHING RETURNING id, due),
	routed AS (INSERT INTO {queue} (organ, event, key, spread, envelope, payload)
		SELECT b.organ, e.event, e.key, e.spread, e.envelope, e.payload FROM e JOIN {bound} b ON b.event = e.event WHERE e.due = 0 ORDER BY e.ord, b.organ RETURNING organ),
	kept AS (INSERT INTO {parked} (event, key, spread, envelope, payload)
		SELECT event, key, spread, envelope, payload FROM e WHERE due = 0 AND NOT output AND NOT EXISTS (SELECT FROM {bound} b WHERE b.event = e.event) ORDER BY ord RETURNING event)
	SELECT (SELECT array_agg(DISTINCT organ) FROM routed), (SELECT min(due) FROM delayed), (SELECT count(*) FROM routed)`

// stored is what became of events.
type stored struct {
	organs []int32 // that have got some
	due    int64   // when the first delayed one is due; 0 for none
	rows   int64   // deliveries

	duplicates []int32  // places of published messages that were there before, from 1 on
	there      [][]byte // the ids that are stored in their places; nil where these are their own
}

func (s *stored) readColumns(r *row) {
	s.organs, s.due, s.rows = listOf[int32](r), r.integer(), r.count()
}

// noteStored has those woken for whom something was stored. It is called when that is committed.
func (b *Backend) noteStored(s *stored) {
	b.held.Add(s.rows)
	if len(s.organs) > 0 {
		b.wakeOrgans(s.organs)
		b.waker.addNews(s.organs)
	}
	if s.due != 0 {
		b.waker.noteDue(s.due)
	}
}

// columns are events as arrays, one for each column of the table e.
type columns struct {
	ids, keys, envelopes, payloads [][]byte
	events                         []string
	dues                           []int64
	memories                       []int64 // for how long ids are remembered, in nanoseconds; 0 is not at all
	outputs                        []bool
	places                         [][]byte // of unique events
	withins                        []int64  // for how long events are unique at most; 0 is not at all
	spreads                        []int32  // which lanes the events are in: see lanes.go
}

func (c *columns) addMessage(m *contract.Message) {
	c.ids = append(c.ids, m.ID[:])
	c.events = append(c.events, m.Type.Name)
	c.keys = append(c.keys, []byte(m.Key))
	c.envelopes = append(c.envelopes, envelope.AppendRow(nil, m))
	c.payloads = append(c.payloads, m.Payload)
	c.dues = append(c.dues, m.Due)
	c.outputs = append(c.outputs, m.Type.Output)
	c.memories = append(c.memories, int64(m.Memory()))
	c.withins = append(c.withins, int64(m.Unique))
	c.places = append(c.places, placeOf(m))
	c.spreads = append(c.spreads, spreadOf(m))
}

// checkSize refuses a message that is too large, or whose name is no text for the server.
func checkSize(m *contract.Message, size int) error {
	if size > maxPayload {
		return contract.Permanent(fmt.Errorf("%s has %d bytes, and the database takes %d: keep large data elsewhere, and publish where it is", m.Type.Name, size, maxPayload))
	}
	return checkText("event", m.Type.Name)
}

// checkText refuses a name that the server does not take as a text.
func checkText(of, name string) error {
	if !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0 {
		return contract.Permanent(fmt.Errorf("the %s name %q is not UTF-8, or has a zero byte: the database does not take it, use letters", of, name))
	}
	return nil
}

// plainText returns a text as the server takes it.
func plainText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
