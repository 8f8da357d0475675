package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// redisJournal is a journal in Redis: a stream of entries, whose ids are their numbers, and a
// hash with the checkpoint. The braces keep both in one slot of a cluster.
type redisJournal struct {
	client redis.UniversalClient
}

const (
	entriesKey    = "orderbook:{journal}:entries"
	checkpointKey = "orderbook:{journal}:checkpoint"
)

// page is how many entries are read in one call.
const page = 1000

// appendEntry writes an entry when the last one is that before it. A former owner of the organ
// that does not know yet that it is one comes too late here, as its settle will.
var appendEntry = redis.NewScript(`
local entries, checkpoint = KEYS[1], KEYS[2]
local number, id, name, payload, covered, books = unpack(ARGV)
local last = redis.call('XREVRANGE', entries, '+', '-', 'COUNT', 1)[1]
if tonumber(number) ~= 1 + (last and tonumber(string.match(last[1], '^%d+')) or 0) then
	return 0
end
redis.call('XADD', entries, number .. '-0', 'id', id, 'name', name, 'payload', payload)
if covered then
	redis.call('HSET', checkpoint, 'number', covered, 'books', books)
	redis.call('XTRIM', entries, 'MINID', (covered + 1) .. '-0')
end
return 1
`)

func (j *redisJournal) Append(ctx context.Context, e Entry, due *Checkpoint) error {
	payload, err := e.Event.AppendMsgpack(nil)
	if err != nil {
		return err
	}
	args := []any{e.Number, e.ID.String(), e.Event.NecroEvent().Name, payload}
	if due != nil {
		args = append(args, due.Number, due.Books)
	}
	written, err := appendEntry.Run(ctx, j.client, []string{entriesKey, checkpointKey}, args...).Int()
	if err == nil && written == 0 {
		return ErrBehind
	}
	return err
}

// Load reads the checkpoint first. When another process writes the next one meanwhile, there
// is a gap behind it, and all is read again.
func (j *redisJournal) Load(ctx context.Context) (start Checkpoint, entries []Entry, err error) {
	for range 3 {
		if start, err = j.readCheckpoint(ctx); err != nil {
			return start, nil, err
		}
		entries, err = j.entriesBehind(ctx, start.Number)
		if err != nil || len(entries) == 0 || entries[0].Number == start.Number+1 {
			break
		}
	}
	return start, entries, err
}

func (j *redisJournal) readCheckpoint(ctx context.Context) (c Checkpoint, err error) {
	fields, err := j.client.HGetAll(ctx, checkpointKey).Result()
	if err != nil || len(fields) == 0 {
		return c, err
	}
	c.Books = []byte(fields["books"])
	c.Number, err = strconv.ParseUint(fields["number"], 10, 64)
	return c, err
}

// entriesBehind reads the entries behind a number.
func (j *redisJournal) entriesBehind(ctx context.Context, number uint64) (entries []Entry, err error) {
	for {
		some, err := j.client.XRangeN(ctx, entriesKey, fmt.Sprintf("%d-0", number+1), "+", page).Result()
		if err != nil {
			return nil, err
		}
		for _, message := range some {
			e, err := readEntry(message)
			if err != nil {
				return nil, fmt.Errorf("entry %s: %w", message.ID, err)
			}
			entries, number = append(entries, e), e.Number
		}
		if len(some) < page {
			return entries, nil
		}
	}
}

// journaled are the events that entries hold.
var journaled = []*contract.EventType{new(OrderAccepted).NecroEvent(), new(CancelAccepted).NecroEvent()}

func readEntry(m redis.XMessage) (e Entry, err error) {
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	number, _, _ := strings.Cut(m.ID, "-")
	if e.Number, err = strconv.ParseUint(number, 10, 64); err != nil {
		return e, err
	}
	if e.ID, err = necro.ParseID(text("id")); err != nil {
		return e, err
	}
	i := slices.IndexFunc(journaled, func(t *contract.EventType) bool { return t.Name == text("name") })
	if i < 0 {
		return e, fmt.Errorf("there is no event %q in a journal", text("name"))
	}
	e.Event = journaled[i].New()
	_, err = e.Event.ReadMsgpack([]byte(text("payload")))
	return e, err
}
