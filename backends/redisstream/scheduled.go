package redisstream

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// What a page of the schedule has at most.
const (
	scheduledEvents = 1000
	scheduledBytes  = 4 << 20 // beside one event of each partition
)

// schedulePlace is where an event waits. Places are ordered by time, then by partition and by member, and the clock of
// each partition counts for its own events.
type schedulePlace struct {
	time      float64 // milliseconds of the partition
	partition int
	member    string
}

func (a schedulePlace) compare(b schedulePlace) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.partition, b.partition), cmp.Compare(a.member, b.member))
}

// firstPlace is in front of all events.
var firstPlace = schedulePlace{time: math.Inf(-1), partition: -1}

// cursor writes a place as a text.
func (a schedulePlace) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %s", formatScore(a.time), a.partition, a.member))
}

// formatScore writes a score so that it is read as the same number.
func formatScore(score float64) string { return strconv.FormatFloat(score, 'g', 17, 64) }

// parsePlace reads a cursor.
func parsePlace(cursor string) (at schedulePlace, err error) {
	if cursor == "" {
		return firstPlace, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	words := strings.SplitN(string(text), " ", 3)
	if err == nil && len(words) == 3 {
		at.member = words[2]
		var failed error
		at.time, err = strconv.ParseFloat(words[0], 64)
		at.partition, failed = strconv.Atoi(words[1])
		if err == nil && failed == nil && at.cursor() == cursor && !math.IsNaN(at.time) {
			return at, nil
		}
	}
	return at, fmt.Errorf("redis: list the schedule: %.40q is no cursor of this backend: begin at the first page", cursor)
}

// scheduledPart is what a partition lists of a page.
type scheduledPart struct {
	events []placedEvent
	more   bool
	err    error
}

// placedEvent is a delayed event and where it waits.
type placedEvent struct {
	contract.ScheduledEvent
	at schedulePlace
}

// Scheduled lists delayed events of all partitions, in one step of each. A page has less than limit events of those that
// are due first when one partition has listed fewer than it has: what the others have behind those is left to the next page.
func (b *Backend) Scheduled(ctx context.Context, after string, limit int) (page []contract.ScheduledEvent, next string, err error) {
	from, err := parsePlace(after)
	if err == nil {
		err = b.process.ConnectOnce(ctx)
	}
	if err != nil {
		return nil, "", err
	}
	limit = max(1, min(limit, scheduledEvents))
	parts := make([]scheduledPart, len(b.partitions))
	var asking sync.WaitGroup
	for i, p := range b.partitions {
		asking.Go(func() { parts[i] = p.listScheduled(ctx, from, limit, scheduledBytes/len(parts)) })
	}
	asking.Wait()
	events, more := mergeScheduled(parts)
	if len(events) > limit {
		events, more = events[:limit], true
	}
	if more && len(events) > 0 {
		next = events[len(events)-1].at.cursor()
	}
	for _, e := range events {
		page = append(page, e.ScheduledEvent)
	}
	errs := make([]error, len(parts))
	for i := range parts {
		errs[i] = parts[i].err
	}
	return page, next, joinLines(errs)
}

// mergeScheduled puts the events of the partitions in order. It ends where the first of those partitions has ended that
// have more, and says whether there are more.
func mergeScheduled(parts []scheduledPart) (events []placedEvent, more bool) {
	var end schedulePlace
	for _, part := range parts {
		events = append(events, part.events...)
		if last := len(part.events) - 1; part.more && (!more || part.events[last].at.compare(end) < 0) {
			end, more = part.events[last].at, true
		}
	}
	slices.SortFunc(events, func(x, y placedEvent) int { return x.at.compare(y.at) })
	if more {
		return slices.DeleteFunc(events, func(e placedEvent) bool { return e.at.compare(end) > 0 }), true
	}
	return events, false
}

// listScheduled lists the delayed events of the partition behind a place, which may be that of an event of another one.
func (p *partition) listScheduled(ctx context.Context, from schedulePlace, limit, room int) (part scheduledPart) {
	request := store.ScheduledRequest{Keys: p.Keys(), Time: formatScore(from.time), Whole: from.partition > p.Number, Limit: limit, Bytes: room}
	if from.partition == p.Number {
		request.Member = from.member
	}
	reply, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if err != nil {
		return scheduledPart{err: p.ExplainError(err)}
	}
	for _, row := range reply.Events {
		due := time.UnixMilli(int64(min(max(row.Time, 0), maxScheduleTime))).Add(-reply.Behind)
		at := schedulePlace{row.Time, p.Number, row.Member}
		part.events = append(part.events, placedEvent{contract.ScheduledEvent{Message: scheduledMessage(row), Due: due}, at})
	}
	part.more = reply.More
	return part
}

// maxScheduleTime is the last time that is shown of a score which no process of ours has written: the end of year 9999.
const maxScheduleTime = 253_402_300_799_999

// scheduledMessage reads a delayed event: "!", or "!!" of an output, its name, a zero byte, a number of eight bytes, and
// its id in the member; in what is kept the message stands in place of the id. What cannot be read as a message is its
// payload, as it will be in the dead letter.
func scheduledMessage(row store.ScheduledRow) contract.Message {
	name, _, _ := strings.Cut(row.Member, "\x00")
	name, text := strings.TrimPrefix(strings.TrimPrefix(name, "!"), "!"), ""
	if _, behind, ok := strings.Cut(row.Kept, "\x00"); ok {
		text = behind[min(len(behind), 8):]
	}
	var d contract.Delivery
	if rest, err := message.Read(text, &d, nil); err != nil || rest != "" {
		d = contract.Delivery{Message: contract.Message{Type: &contract.EventType{Name: name, Version: 1}, Payload: []byte(text)}}
	}
	copy(d.ID[:], row.Member[max(0, len(row.Member)-len(d.ID)):]) // by which it is cancelled
	return d.Message
}
