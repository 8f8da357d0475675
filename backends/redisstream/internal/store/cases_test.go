package store

import (
	"fmt"
	"time"
)

// awkward is an id, key or text that breaks what takes it for text.
const awkward = "\x00\xff\r\n '\"%"

// echoCases are requests with every field set, each to something else.
func echoCases(k Keys) []echoCase {
	lease := 2500 * time.Millisecond
	return []echoCase{
		{request: &LeaveRequest{Keys: k, Organ: "o", Front: true, Member: "o p - path", Owner: "p/1", Consumer: "p",
			Entries: []LeaveEntry{{QueueStream, "1-2"}, {FrontStream, "3-4"}}},
			keys: map[string]string{"live": "live", "own": "own:o", "q": "q:o", "first": "first:o"}, unsent: []string{"organ", "front"}},
		{request: &LeaveRequest{Keys: k, Organ: "o"},
			keys: map[string]string{"live": "live", "own": "bind", "q": "q:o", "first": "bind"}, unsent: []string{"organ", "front"}},
		{request: &ReleaseRequest{Keys: k, Organ: "o", Consumer: "p", Entries: []ReleaseEntry{
			{QueueStream, "1-2", true, nil}, {FrontStream, "3-4", false, []int{0, 63}}}},
			keys: map[string]string{"q": "q:o", "part": "part:o", "first": "first:o"}, unsent: []string{"organ"}},
		{request: &ExtendRequest{Keys: k, Organ: "o", Consumer: "p", Owner: "p/1", Lease: lease, Entries: []ExtendEntry{
			{FrontStream, "1-2", 1, []int{0}, []int{0}}, {QueueStream, "3-4", 64, nil, []int{63}}}},
			keys: map[string]string{"own": "own:o", "q": "q:o", "part": "part:o", "first": "first:o"}, unsent: []string{"organ"}},
		{request: &SameRequest{Keys: k, Organ: "o", Entries: []SameEntry{{QueueStream, "1-2", "d"}, {FrontStream, "3-4", "e"}}},
			keys: map[string]string{"q": "q:o", "first": "first:o"}, unsent: []string{"organ"}},
		{request: &AsideRequest{Keys: k, Organ: "o", Mode: "key!", Entries: []AsideEntry{
			{QueueStream, "1-2", 64, "", []AsideDelivery{{3, [16]byte{0, 255, 10}, awkward, 70, 80}, {4, [16]byte{1}, "", 150, 90}}},
			{FrontStream, "3-4", 1, "0000000000001-0000000002-01", []AsideDelivery{{0, [16]byte{2}, "k", 1, 9}}}}},
			keys: map[string]string{"q": "q:o", "part": "part:o", "first": "first:o", "hold": "hold:o", "wait": "wait:o", "n": "n", "bind": "bind"}},
		{request: &OfferRequest{Keys: k, Organ: "o", Consumer: "p", Entries: []OfferEntry{
			{"1-2", 64, []OfferMessage{{3, 70, 80}, {4, 150, 90}}}, {"3-4", 1, []OfferMessage{{0, 1, 9}}}}},
			keys: map[string]string{"bind": "bind", "n": "n", "q": "q:o", "part": "part:o"}},
		{request: &TurnRequest{Keys: k, Organ: "o", Consumer: "p", Lease: lease, Messages: 7, Bytes: 8},
			keys: map[string]string{"bind": "bind", "q": "q:o", "part": "part:o", "first": "first:o", "wait": "wait:o", "lane": "lane:o", "bell": "bell:o", "n": "n"}},
		{request: &LookRequest{Keys: k, Digest: "d", Consumer: "p", Organs: []LookOrgan{{"o", "", lease, ""}, {"s", "p/1", 2 * lease, "strict"}}},
			keys: map[string]string{"bind": "bind", "pause": "pause", "n": "n",
				"organs.1.own": "bind", "organs.1.q": "q:o", "organs.1.first": "bind", "organs.1.hold": "bind", "organs.1.wait": "bind",
				"organs.2.own": "own:s", "organs.2.q": "q:s", "organs.2.first": "first:s", "organs.2.hold": "hold:s", "organs.2.wait": "wait:s"}},
		{request: &SweepRequest{Keys: k, Stream: string(k) + "q:o", Process: "p", Limit: 3, Consumers: []string{"a", awkward}},
			keys: map[string]string{"n": "n", "ids": "tok:ids", "uniq": "uniq", "byEnd": "uniq:ends", "stream": "q:o"}, unsent: []string{"stream"}},
		{request: &LiveRequest{Keys: k, TTL: lease, Members: []string{"o p - path", awkward}},
			keys: map[string]string{"live": "live", "n": "n"}},
		{request: &StepRequest{Keys: k, Steps: "2", By: -lease}, keys: map[string]string{"n": "n"}},
		{request: &MetaRequest{Keys: k, Layout: "1", Partitions: "16", Tags: "a b"}, keys: map[string]string{"meta": "meta"}},
		{request: &AnchorRequest{[]Anchor{{string(k) + "a", "hash"}, {string(k) + "b", "lex"}}}},
		{request: &DueRequest{Keys: k, Limit: 7, Bytes: 8, Sweeper: "p", Lease: lease}, keys: map[string]string{"due": "due", "later": "later", "n": "n"}},
		{request: &CancelRequest{Keys: k, Event: []byte(awkward)}, keys: map[string]string{"n": "n", "later": "later", "held": "laterid", "ids": "tok:ids", "uniq": "uniq", "byEnd": "uniq:ends"}},
		{request: &RunNowRequest{Keys: k, Event: []byte(awkward)}, keys: map[string]string{"n": "n", "later": "later", "held": "laterid"}},
		{request: &ScheduledRequest{Keys: k, Time: "6", Member: awkward, Whole: true, Limit: 7, Bytes: 8},
			keys: map[string]string{"n": "n", "later": "later", "held": "laterid"}},
		{request: &EveryRequest{Keys: k, Digest: "d", Schedule: awkward, Wants: awkward + "w", Alive: lease, Bound: awkward + "b", After: 1 << 40, Up: 1 << 41, Rows: someTicks(k)},
			keys:  map[string]string{"bind": "bind", "n": "n", "every": "every"},
			added: map[string]string{"rows.1.route": "1", "rows.1.count": "-2", "rows.1.bytes": "\x92a" + awkward, "rows.2.route": "3", "rows.2.count": "1", "rows.2.bytes": "parked"}},
		{request: &RateRequest{Keys: k, Organ: "o", Count: 7, Per: 8 * time.Second, Wanted: 6},
			keys: map[string]string{"rate": "rate:o"}, unsent: []string{"organ"}},
		{request: &UnscheduleRequest{Keys: k, Organ: "o", Skip: 6, Messages: 7, Bytes: 8, Final: true},
			keys: map[string]string{"bind": "bind", "n": "n", "due": "due"}},
		{request: &ModeRequest{Keys: k, Digest: "d", Organ: "o", Process: "p", Order: "strict", Exclusive: true},
			keys: with(organKeys("organ."), "bind", "bind", "live", "live", "n", "n")},
		{request: &RemoveRequest{Keys: k, Digest: "d", Organ: "o", Rows: []string{"organ o", awkward}, Events: []RemoveEvent{{"A"}, {"B"}}},
			keys: with(organKeys("organ."), "bind", "bind", "n", "n", "pause", "pause", "live", "live", "state", "state:o", "ttls", "ttl:o", "listed", "keys:o", "events.1.park", "park:A",
				"events.1.took", "took:A", "events.2.park", "park:B", "events.2.took", "took:B")},
		{request: &HealthRequest{Keys: k, Limit: 5, Organs: []HealthOrgan{{"o", "-", false}, {"s", "key", true}}},
			keys: map[string]string{"bind": "bind", "n": "n", "pause": "pause", "live": "live", "due": "due", "later": "later",
				"organs.1.q": "q:o", "organs.1.part": "part:o", "organs.1.dead": "dead:o", "organs.1.first": "bind", "organs.1.hold": "bind", "organs.1.wait": "bind", "organs.1.lane": "bind",
				"organs.2.q": "q:s", "organs.2.part": "part:s", "organs.2.dead": "dead:s", "organs.2.first": "first:s", "organs.2.hold": "hold:s", "organs.2.wait": "wait:s", "organs.2.lane": "lane:s"}},
		{request: &PromoteRequest{Keys: k, Digest: "d", Routes: someRoutes(k), Limit: 7, Bytes: 8, Organs: []PromoteOrgan{{"o", 1}, {"s", 2}}},
			keys: map[string]string{"bind": "bind", "n": "n", "due": "due", "later": "later", "ids": "laterid", "uniq": "uniq", "byEnd": "uniq:ends"}},
		{request: &DeadRequest{Keys: k, Redrive: true, Digest: "d", Routes: someRoutes(k), Organ: "o", Letters: [][16]byte{{0, 255, 10}, {1}}, Edited: []byte("edited")},
			keys: deadKeys(), unsent: []string{"redrive"}},
		{request: &DeadRequest{Keys: k, Digest: "d", Organ: "o", Letters: [][16]byte{{2}}}, keys: deadKeys(), unsent: []string{"redrive"}},
		{request: &HandoverRequest{Keys: k, Digest: "d", Messages: 7, Bytes: 8, Organs: []Target{{Organ: "o", Pack: 9}, {Organ: "s", Pack: 1}},
			Events: []HandoverEvent{{"A", []int{1, 2}}, {"B", []int{2}}}},
			keys: map[string]string{"bind": "bind", "n": "n", "uniq": "uniq", "byEnd": "uniq:ends", "organs.1.stream": "q:o", "organs.1.marks": "part:o", "organs.2.stream": "q:s", "organs.2.marks": "part:s",
				"events.1.park": "park:A", "events.1.took": "took:A", "events.2.park": "park:B", "events.2.took": "took:B"}},
		{request: &OneRequest{Keys: k, Organ: "o", Digest: "d", Number: 1 << 30, Renew: true, Process: "p", Entry: []byte(awkward)},
			keys: map[string]string{"bind": "bind", "tokens": "tok", "seen": "tok:seen", "stream": "q:o", "n": "n"}, unsent: []string{"organ"},
			tables: `local keys = { bind = bind, tokens = tokens, seen = seen, stream = stream, n = n }
local request = { digest = known, number = number, renew = renew, process = process, entry = entry }`},
		{request: &ClaimRequest{Keys: k, Organ: "o", Mode: "key!", Consumer: "p", Owner: "p/1", Lease: lease, Order: "key", Limit: 3, Asked: 4, Bytes: 5,
			AtOnce: 6, Recover: true, New: true, Turning: true, Latest: 1 << 60, Known: []string{"1-2", "+3-4"}},
			keys: map[string]string{"bind": "bind", "pause": "pause", "own": "own:o", "q": "q:o", "part": "part:o", "first": "first:o",
				"hold": "hold:o", "wait": "wait:o", "n": "n", "lane": "lane:o"}},
		{request: &ClaimRequest{Keys: k, Organ: "o", Mode: "-", Consumer: "p", Lease: lease, Limit: 3, Asked: 4, Bytes: 5, AtOnce: 6},
			keys: map[string]string{"bind": "bind", "pause": "pause", "own": "bind", "q": "q:o", "part": "part:o", "first": "bind",
				"hold": "bind", "wait": "bind", "n": "n", "lane": "bind"}, unsent: []string{"latest"}},
		{request: &LanesRequest{Keys: k, Organ: "o", Mode: "key/3", Consumer: "p/1", Epoch: 1 << 40, Fresh: 1<<40 + 1, Frees: 7, Lease: lease, Lanes: 3, Latest: 1 << 60,
			Share: true, Main: "1-2", Front: "3-4", Asked: 5, Limit: 6, Bytes: 7, AtOnce: 8, Told: awkward + "t", Loose: []string{"k", awkward}},
			keys: lanesKeys()},
		{request: &LanesRequest{Keys: k, Organ: "o", Mode: "key/3", Consumer: "p/1", Lease: lease, Lanes: 3, Main: "0-0", Front: "0-0", Asked: 5, Limit: 6, Bytes: 7, AtOnce: 8},
			keys: lanesKeys(), unsent: []string{"latest"}},
		{request: &RenewLanesRequest{Keys: k, Organ: "o", Consumer: "p/1", Epoch: 1 << 40, Leave: true, Frees: 8, Free: []int{0, 2},
			Begun:   []LaneBegun{{1, QueueStream, "1-2"}, {2, FrontStream, "3-4"}},
			Entries: []LaneMarks{{FrontStream, "1-2", 1, []LaneMark{{0, "A"}}}, {QueueStream, "3-4", 64, []LaneMark{{0, "."}, {63, "4"}}}}},
			keys: map[string]string{"lane": "lane:o", "bell": "bell:o", "q": "q:o", "part": "part:o", "first": "first:o", "n": "n"}, unsent: []string{"organ"}},
		{request: &SubscribeRequest{Keys: k, Digest: "d", TTL: lease, Process: "p", Rows: []SubscribeRow{{"name o", "o"}, {awkward, ""}},
			Events: []SubscribeEvent{{"A"}, {"B"}}, Organs: []SubscribeOrgan{{"o", "path", 9, "key", true, "o p key! path", []int{1, 2}}}},
			keys: with(organKeys("organs.1.keys."), "bind", "bind", "n", "n", "pause", "pause", "live", "live", "due", "due",
				"events.1.park", "park:A", "events.1.took", "took:A", "events.2.park", "park:B", "events.2.took", "took:B"), unsent: []string{"rejoin"}},
		{request: &SubscribeRequest{Keys: k, Rejoin: true, Digest: "d", TTL: lease, Process: "p"},
			keys: map[string]string{"bind": "bind", "n": "n", "pause": "pause", "live": "live", "due": "due"}, unsent: []string{"rejoin"}},
		{request: &PublishRequest{Keys: k, HasIDs: true, Timed: 2, Digest: "d", Number: 1 << 30, Process: "p", Rows: someRows(k)},
			keys:   map[string]string{"bind": "bind", "tokens": "tok", "seen": "tok:seen", "ids": "tok:ids", "n": "n"},
			unsent: []string{"hasIDs", "unique"}, tables: publishTables},
		{request: &PublishRequest{Keys: k, HasIDs: true, Unique: true, Digest: "d", Number: 1, Renew: true, Process: "p", Rows: uniqueRows(k)},
			keys:   map[string]string{"bind": "bind", "tokens": "tok", "seen": "tok:seen", "ids": "tok:ids", "n": "n", "uniq": "uniq", "byEnd": "uniq:ends"},
			unsent: []string{"hasIDs", "unique"}, tables: uniqueTables, added: map[string]string{
				"rows.1.id": awkward + "12345678", "rows.1.memory": "-", "rows.1.within": "2500", "rows.1.place": "NAME\x00" + awkward,
				"rows.2.id": awkward + "12345678", "rows.2.memory": "", "rows.2.within": "1", "rows.2.place": "NAME\x00",
				"rows.3.id": awkward + "12345678", "rows.3.memory": "1000", "rows.3.within": "1000", "rows.3.place": "N\x00k",
				"rows.4.id": awkward + "12345678", "rows.4.memory": "2000"}},
		{request: acknowledgingSettle(k), keys: with(settleKeys(), "own", "bind", "first", "bind", "hold", "bind", "wait", "bind", "bell", "bind"), tables: settleTables,
			added: with(map[string]string{"effects": "1", "declines": "false"},
				"sections.1.number", "0", "sections.1.count", "0", "sections.1.lone.1.id", "1-1", "sections.1.lone.2.id", "1-2",
				"sections.2.number", "3", "sections.2.count", "1", "sections.2.lone.1.id", "2-1", "sections.2.lone.1.bytes", awkward,
				"sections.3.number", "1", "sections.3.count", "-1", "sections.3.lone.1.id", "3-1", "sections.3.lone.1.bytes", "\x91a",
				"sections.4.1.stream", "1", "sections.4.1.id", "4-1", "sections.4.1.size", "64", "sections.4.1.rows", "0",
				"sections.4.2.stream", "1", "sections.4.2.id", "4-2", "sections.4.2.size", "2", "sections.4.2.rows", "2",
				"sections.4.2.rows.1.route", "1", "sections.4.2.rows.1.count", "-1", "sections.4.2.rows.1.bytes", "\x91"+awkward,
				"sections.4.2.rows.2.route", "3", "sections.4.2.rows.2.count", "1", "sections.4.2.rows.2.bytes", "parked",
				"sections.5.number", "0", "sections.5.count", "0", "sections.5.lone.1.id", "5-1")},
		{request: orderedSettle(k), keys: with(settleKeys(), "own", "own:o", "first", "first:o", "hold", "hold:o", "wait", "wait:o", "bell", "bind"), tables: settleTables,
			added: with(map[string]string{"effects": "0", "declines": "false"},
				"sections.1.1.stream", "2", "sections.1.1.id", "1-1", "sections.1.1.size", "1",
				"sections.1.1.outcomes.1.index", "0", "sections.1.1.outcomes.1.kind", "ack", "sections.1.1.outcomes.1.delivery", "a delivery", "sections.1.1.outcomes.1.key", awkward,
				"sections.1.1.outcomes.1.rows", "1", "sections.1.1.outcomes.1.rows.1.route", "1", "sections.1.1.outcomes.1.rows.1.count", "-1", "sections.1.1.outcomes.1.rows.1.bytes", "\x91a",
				"sections.1.2.stream", "1", "sections.1.2.id", "2-2", "sections.1.2.size", "3",
				"sections.1.2.outcomes.1.index", "2", "sections.1.2.outcomes.1.kind", "later", "sections.1.2.outcomes.1.delivery", "delivery", "sections.1.2.outcomes.1.key", "k",
				"sections.1.2.outcomes.1.delay", "2", "sections.1.2.outcomes.1.member", awkward,
				"sections.1.2.outcomes.2.index", "0", "sections.1.2.outcomes.2.kind", "dead", "sections.1.2.outcomes.2.delivery", "delivery", "sections.1.2.outcomes.2.key", "",
				"sections.1.2.outcomes.2.1", awkward, "sections.1.2.outcomes.2.2", "3", "sections.1.2.outcomes.2.3", "reason", "sections.1.2.outcomes.2.4", "text",
				"sections.1.2.outcomes.2.5", "stack", "sections.1.2.outcomes.2.6", "halt", "sections.1.2.outcomes.2.7", "letter")},
		{request: laneSettle(k), keys: with(settleKeys(), "own", "lane:o", "first", "first:o", "hold", "hold:o", "wait", "wait:o", "bell", "bell:o"), tables: settleTables,
			added: with(map[string]string{"effects": "0", "declines": "true"}, "sections.1.1.stream", "1", "sections.1.1.id", "1-1", "sections.1.1.size", "2",
				"sections.1.1.outcomes.1.index", "1", "sections.1.1.outcomes.1.kind", "decline", "sections.1.1.outcomes.1.delivery", "delivery", "sections.1.1.outcomes.1.key", "k",
				"sections.1.1.outcomes.1.lane", "7", "sections.1.1.outcomes.1.delay", "2", "sections.1.1.outcomes.1.member", awkward)},
		{request: partSettle(k), keys: with(settleKeys(), "own", "bind", "first", "first:o", "hold", "bind", "wait", "bind", "bell", "bind"), tables: settleTables,
			added: with(map[string]string{"effects": "1", "declines": "false"}, "sections.1.1.stream", "2", "sections.1.1.id", "1-1", "sections.1.1.size", "2",
				"sections.1.1.outcomes.1.index", "1", "sections.1.1.outcomes.1.kind", "ack", "sections.1.1.outcomes.1.delivery", "", "sections.1.1.outcomes.1.key", "",
				"sections.1.1.outcomes.1.rows", "0")},
		{request: uniqueSettle(k), keys: with(settleKeys(), "own", "bind", "first", "bind", "hold", "bind", "wait", "bind", "bell", "bind", "uniq", "uniq", "byEnd", "uniq:ends"), tables: settleTables,
			added: with(map[string]string{"effects": "0", "declines": "false"}, "sections.1.1.stream", "1", "sections.1.1.id", "1-1", "sections.1.1.size", "2",
				"sections.1.1.outcomes.1.index", "0", "sections.1.1.outcomes.1.kind", "ack", "sections.1.1.outcomes.1.delivery", "", "sections.1.1.outcomes.1.key", "",
				"sections.1.1.outcomes.1.unique", awkward+"12345678", "sections.1.1.outcomes.1.rows", "0",
				"sections.1.1.outcomes.2.index", "1", "sections.1.1.outcomes.2.kind", "dead", "sections.1.1.outcomes.2.delivery", "", "sections.1.1.outcomes.2.key", "",
				"sections.1.1.outcomes.2.unique", awkward+"12345678",
				"sections.1.1.outcomes.2.1", "id", "sections.1.1.outcomes.2.2", "3", "sections.1.1.outcomes.2.3", "reason", "sections.1.1.outcomes.2.4", "text",
				"sections.1.1.outcomes.2.5", "stack", "sections.1.1.outcomes.2.6", "", "sections.1.1.outcomes.2.7", "letter")},
		{request: stateSettle(k, ""), keys: with(settleKeys(), "own", "bind", "first", "bind", "hold", "bind", "wait", "bind", "bell", "bind",
			"state", "state:o", "ttls", "ttl:o", "listed", "keys:o"), tables: settleTables,
			added: stateFields("s", "", "")},
		{request: stateSettle(k, "strict"), keys: with(settleKeys(), "own", "bind", "first", "first:o", "hold", "hold:o", "wait", "wait:o", "bell", "bind",
			"state", "state:o", "ttls", "ttl:o", "listed", "keys:o"), tables: settleTables,
			added: stateFields("s", "delivery", awkward)},
		{request: jointSettle(k, ""), keys: with(settleKeys(), "own", "bind", "first", "first:o", "hold", "bind", "wait", "bind", "bell", "bind",
			"state", "state:o", "ttls", "ttl:o", "listed", "keys:o"), tables: settleTables,
			added: with(jointFields(), "sections.1.number", "0", "sections.1.count", "0", "sections.1.lone.1.id", "1-1")},
		{request: jointSettle(k, "key"), keys: with(settleKeys(), "own", "bind", "first", "first:o", "hold", "hold:o", "wait", "wait:o", "bell", "bind",
			"state", "state:o", "ttls", "ttl:o", "listed", "keys:o"), tables: settleTables,
			added: with(jointFields(), "sections.1.1.stream", "1", "sections.1.1.id", "1-1", "sections.1.1.size", "2",
				"sections.1.1.outcomes.1.index", "0", "sections.1.1.outcomes.1.kind", "ack", "sections.1.1.outcomes.1.delivery", "delivery",
				"sections.1.1.outcomes.1.key", awkward, "sections.1.1.outcomes.1.rows", "0")},
		{request: &LoadRequest{Keys: k, Organ: "o", Digest: "d", Bytes: 8, Of: []string{"k", awkward, ""}},
			keys: map[string]string{"bind": "bind", "n": "n", "state": "state:o"}, unsent: []string{"organ"}},
		{request: &RangeRequest{Keys: k, Organ: "o", Digest: "d", After: awkward, Limit: 7, Bytes: 8},
			keys: map[string]string{"bind": "bind", "n": "n", "state": "state:o", "listed": "keys:o"}, unsent: []string{"organ"}},
		{request: &SweepStateRequest{Keys: k, Organ: "o", Process: "p", Limit: 7, Bytes: 8},
			keys: map[string]string{"n": "n", "state": "state:o", "ttls": "ttl:o", "listed": "keys:o"}, unsent: []string{"organ"}},
	}
}

// stateSettle writes a record with a mark that no number of Lua holds, emits, and removes another one.
func stateSettle(k Keys, order string) *SettleRequest {
	r := settleFor(k, order)
	r.AddEntry(QueueStream, "1-1", 3, 3)
	r.AddState(SettleOutcome{0, []byte("delivery"), awkward, nil}, SettleWrite{awkward, 1<<63 + 1, Record{Mark: 1<<63 + 2, Version: 3, Value: []byte(awkward)}, 1500 * time.Microsecond})
	r.emit(2, "parked")
	r.AddState(SettleOutcome{1, []byte("delivery"), awkward, nil}, SettleWrite{Key: awkward})
	r.AddGiveUp(SettleOutcome{2, []byte("delivery"), awkward, nil}, SettleDeath{[]byte("id"), 3, "reason", "text", "stack", "", []byte("letter"), true}, &SettleWrite{Key: awkward})
	r.emit(2, "parked")
	return r
}

// jointSettle has a lone entry, and two that are settled together with the writes of two keys.
func jointSettle(k Keys, order string) *SettleRequest {
	r := settleFor(k, order)
	if order == "" {
		r.AddLone("1-1")
	} else {
		r.AddEntry(QueueStream, "1-1", 2, 1)
		r.AddAck(SettleOutcome{0, []byte("delivery"), awkward, nil})
	}
	r.AddTogether([]WholeEntry{{QueueStream, 64, "4-1"}, {FrontStream, 1, "4-2"}}, []SettleWrite{
		{awkward, 1<<63 + 1, Record{Mark: 1<<63 + 2, Version: 3, Value: []byte(awkward)}, 1500 * time.Microsecond},
		{Key: ""},
	})
	r.emit(0, awkward)
	r.emit(2, "parked")
	return r
}

// jointFields are what jointSettle is in Lua, but for what stands in front of its entries.
func jointFields() map[string]string {
	return map[string]string{"effects": "s", "declines": "false",
		"sections.2.together.1.s": "1", "sections.2.together.1.id": "4-1", "sections.2.together.1.size": "64",
		"sections.2.together.2.s": "2", "sections.2.together.2.id": "4-2", "sections.2.together.2.size": "1",
		"sections.2.writes.1.of": awkward, "sections.2.writes.1.read": "\x80\x00\x00\x00\x00\x00\x00\x01",
		"sections.2.writes.1.record": "\x01\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03" + awkward, "sections.2.writes.1.ttl": "2",
		"sections.2.writes.2.of": "", "sections.2.writes.2.read": "", "sections.2.writes.2.record": "", "sections.2.writes.2.ttl": "0",
		"sections.2.rows": "2", "sections.2.rows.1.route": "1", "sections.2.rows.1.count": "-1", "sections.2.rows.1.bytes": "\x91" + awkward,
		"sections.2.rows.2.route": "3", "sections.2.rows.2.count": "1", "sections.2.rows.2.bytes": "parked"}
}

// stateFields are what stateSettle is in Lua.
func stateFields(effects, delivery, key string) map[string]string {
	return map[string]string{"effects": effects, "declines": "false",
		"sections.1.1.stream": "1", "sections.1.1.id": "1-1", "sections.1.1.size": "3",
		"sections.1.1.outcomes.1.index": "0", "sections.1.1.outcomes.1.kind": "state", "sections.1.1.outcomes.1.delivery": delivery, "sections.1.1.outcomes.1.key": key,
		"sections.1.1.outcomes.1.of": awkward, "sections.1.1.outcomes.1.read": "\x80\x00\x00\x00\x00\x00\x00\x01",
		"sections.1.1.outcomes.1.record": "\x01\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03" + awkward,
		"sections.1.1.outcomes.1.ttl":    "2", "sections.1.1.outcomes.1.rows": "1", "sections.1.1.outcomes.1.rows.1.route": "3",
		"sections.1.1.outcomes.1.rows.1.count": "1", "sections.1.1.outcomes.1.rows.1.bytes": "parked",
		"sections.1.1.outcomes.2.index": "1", "sections.1.1.outcomes.2.kind": "state", "sections.1.1.outcomes.2.delivery": delivery, "sections.1.1.outcomes.2.key": key,
		"sections.1.1.outcomes.2.of": awkward, "sections.1.1.outcomes.2.read": "", "sections.1.1.outcomes.2.record": "",
		"sections.1.1.outcomes.2.ttl": "0", "sections.1.1.outcomes.2.rows": "0",
		"sections.1.1.outcomes.3.index": "2", "sections.1.1.outcomes.3.kind": "giveup", "sections.1.1.outcomes.3.delivery": delivery, "sections.1.1.outcomes.3.key": key,
		"sections.1.1.outcomes.3.1": "id", "sections.1.1.outcomes.3.2": "3", "sections.1.1.outcomes.3.3": "reason", "sections.1.1.outcomes.3.4": "text",
		"sections.1.1.outcomes.3.5": "stack", "sections.1.1.outcomes.3.6": "", "sections.1.1.outcomes.3.7": "letter",
		"sections.1.1.outcomes.3.gaveUp": "1", "sections.1.1.outcomes.3.writes": "1",
		"sections.1.1.outcomes.3.of": awkward, "sections.1.1.outcomes.3.read": "", "sections.1.1.outcomes.3.record": "",
		"sections.1.1.outcomes.3.ttl": "0", "sections.1.1.outcomes.3.rows": "1", "sections.1.1.outcomes.3.rows.1.route": "3",
		"sections.1.1.outcomes.3.rows.1.count": "1", "sections.1.1.outcomes.3.rows.1.bytes": "parked"}
}

// someRoutes lead to two organs, to one in front of its queue, to a park, to one that is handed over, and nowhere.
func someRoutes(k Keys) Routes {
	return Routes{Keys: k, Targets: []Target{{"o", false, 9}, {"s", true, 9}}, List: []Route{
		{Event: "A", Targets: []int{0, 1}}, {Event: "B", Targets: []int{1}}, {Event: "C", Park: true}, {Event: "D", Park: true, Behind: true}, {Event: "E"}}}
}

// someRows are a pack of two messages that is full, one message of a park, and one with an id.
func someRows(k Keys) *Rows {
	routes := someRoutes(k)
	for i := range routes.List {
		routes.List[i].Pack = 2
	}
	w := NewRowsWithIDs(&routes)
	for _, message := range []struct {
		route int
		text  string
	}{{0, "a"}, {0, awkward}, {2, "parked"}} {
		w.End(append(w.Begin(message.route), message.text...))
	}
	w.SetID(awkward)
	w.End(append(w.Begin(1), "once"...))
	w.SetID("")
	w.Close()
	return w
}

// publishTables are for publish.lua, which keeps its request in locals.
const publishTables = `local keys = { bind = bind, tokens = tokens, seen = seen, ids = ids, n = n, uniq = uniq, byEnd = byEnd }
local rows = {}
eachRow(function(id, route, count, bytes) rows[#rows + 1] = { id = id, route = route, count = count, bytes = bytes } end)
local request = { digest = known, number = number, renew = renew, process = process, timed = timed, rows = rows }`

// uniqueTables are publishTables with the parts of what rows have for an id.
const uniqueTables = publishTables + `
for _, row in ipairs(rows) do
  row.id, row.memory, row.within, row.place = readID(row.id)
  row.route, row.count, row.bytes = nil, nil, nil
end`

// uniqueRows are three unique messages, of which two have an id of the caller's, and one that is not unique with such an id.
func uniqueRows(k Keys) *Rows {
	routes := someRoutes(k)
	w := NewRowsWithIDs(&routes)
	id := func() []byte { return []byte(awkward + "12345678") }
	for _, row := range [][]byte{
		AppendUnique(id(), false, 2500*time.Millisecond, "NAME", awkward),
		AppendUnique(id(), true, 1, "NAME", ""),
		AppendUnique(AppendMemory(id(), time.Second), true, time.Second, "N", "k"),
		AppendMemory(id(), 2*time.Second),
	} {
		w.SetID(string(row))
		w.End(append(w.Begin(1), "message"...))
	}
	w.Close()
	w.id = nil // the case has what the rows are
	return w
}

// uniqueSettle acknowledges a unique event, and gives one up.
func uniqueSettle(k Keys) *SettleRequest {
	r := settleFor(k, "")
	r.AddEntry(QueueStream, "1-1", 2, 2)
	r.AddAck(SettleOutcome{Index: 0, Unique: []byte(awkward + "12345678")})
	r.AddDeath(SettleOutcome{Index: 1, Delivery: []byte("delivery"), Unique: []byte(awkward + "12345678")}, SettleDeath{[]byte("id"), 3, "reason", "text", "stack", "", []byte("letter"), false})
	return r
}

// someTicks are a pack of two messages that is full, and one message of a park.
func someTicks(k Keys) *Rows {
	routes := someRoutes(k)
	for i := range routes.List {
		routes.List[i].Pack = 2
	}
	w := NewRows(&routes)
	w.End(append(w.Begin(0), "a"...))
	w.End(append(w.Begin(0), awkward...))
	w.End(append(w.Begin(2), "parked"...))
	w.Close()
	return w
}

// rowFields lists what someRows are in Lua.
func rowFields(list map[string]string) {
	for i, row := range [][4]string{{"", "1", "-2", "\x92a" + awkward}, {"", "3", "1", "parked"}, {awkward, "2", "1", "once"}} {
		for j, name := range []string{"id", "route", "count", "bytes"} {
			list[fmt.Sprintf("request.rows.%d.%s", i+1, name)] = row[j]
		}
	}
}

// settleTables makes tables of what settle.lua reads while it works.
const settleTables = `local keys = { bind = bind, n = n, due = due, pause = pause, own = own, q = q, part = part, dead = dead, deadid = deadid,
  first = first, hold = hold, wait = wait, bell = bell, state = state, ttls = ttls, listed = listed, uniq = uniq, byEnd = byEnd }
local function readRows(into)
  into.rows = num() -- none is told by the number
  for i = 1, into.rows do
    local route, count, bytes = readRow()
    into['rows.' .. i] = { route = route, count = count, bytes = bytes }
  end
end
local function readEffects()
  local index, kind, delivery, key, unique = readOutcome()
  local o = (kind == 'dead' or kind == 'giveup') and { readDeath() } or {}
  o.index, o.kind, o.delivery, o.key, o.unique = index, kind, delivery, key, unique
  if kind == 'giveup' then o.gaveUp, o.writes = arg(), arg() end
  if kind == 'state' or o.writes == '1' then o.of, o.read, o.record, o.ttl = readWrite(key) end
  if kind == 'ack' or kind == 'state' or kind == 'giveup' then readRows(o) end
  if kind == 'decline' then o.lane = num() end
  if kind == 'later' or kind == 'decline' then o.delay, o.member = readRetry() end
  return o
end
local function readWhole()
  local stream, id, size, outcomes = readEntry()
  local entry = { stream = stream, id = id, size = size, outcomes = {} }
  if outcomes == 0 then readRows(entry) end
  for i = 1, outcomes do entry.outcomes[i] = readEffects() end
  return entry
end
local function readSection()
  local kind = arg()
  if kind == 'together' then
    local section = { together = list(readJoined), writes = readWrites() }
    readRows(section)
    return section
  end
  if kind ~= 'lone' then return list(readWhole) end
  local section = { lone = {} }
  local entries
  section.number, section.count, entries = readLone()
  for i = 1, entries do section.lone[i] = { id = arg(), bytes = section.number > 0 and arg() or nil } end
  return section
end
local request = { digest = known, organ = organ, owner = owner, epoch = epoch, lease = lease, order = order, deadLimit = deadLimit, deadBytes = deadBytes,
  effects = effects, declines = declines, sections = list(readSection) }`

// settleKeys are the keys of settle.lua that all its calls name.
func settleKeys() map[string]string {
	return map[string]string{"bind": "bind", "n": "n", "due": "due", "pause": "pause", "q": "q:o", "part": "part:o", "dead": "dead:o", "deadid": "deadid:o"}
}

// settleFor is a request with nothing in it.
func settleFor(k Keys, order string) *SettleRequest {
	routes := someRoutes(k)
	routes.List[0].Pack = 1
	return &SettleRequest{Keys: k, Organ: "o", Digest: "d", Lease: 2500 * time.Millisecond, Order: order, DeadLimit: 7, DeadBytes: 1 << 40, Rows: TakeRows(&routes)}
}

// emit adds a message to the outcome that was added last.
func (r *SettleRequest) emit(route int, text string) {
	r.Rows.End(append(r.Rows.Begin(route), text...))
}

// acknowledgingSettle has five sections: lone entries by three routes, entries that are acknowledged as a whole, and
// one more lone entry.
func acknowledgingSettle(k Keys) *SettleRequest {
	r := settleFor(k, "")
	r.AddLone("1-1")
	r.AddLone("1-2")
	r.AddLone("2-1")
	r.emit(2, awkward)
	r.AddLone("3-1")
	r.emit(0, "a")
	r.AddWhole(QueueStream, "4-1", 64)
	r.AddWhole(QueueStream, "4-2", 2)
	r.emit(0, awkward)
	r.emit(2, "parked")
	r.AddLone("5-1")
	return r
}

// orderedSettle has an outcome of each kind.
func orderedSettle(k Keys) *SettleRequest {
	r := settleFor(k, "key")
	r.Owner = "p/1"
	r.AddEntry(FrontStream, "1-1", 1, 1)
	r.AddAck(SettleOutcome{0, []byte("a delivery"), awkward, nil})
	r.emit(0, "a")
	r.AddEntry(QueueStream, "2-2", 3, 2)
	r.AddLater(SettleOutcome{2, []byte("delivery"), "k", nil}, 1500*time.Microsecond, []byte(awkward))
	r.AddDeath(SettleOutcome{0, []byte("delivery"), "", nil}, SettleDeath{[]byte(awkward), 3, "reason", "text", "stack", "halt", []byte("letter"), false})
	return r
}

// laneSettle declines a delivery of a lane.
func laneSettle(k Keys) *SettleRequest {
	r := settleFor(k, "key")
	r.Owner, r.Epoch = "p/1", "12"
	r.AddEntry(QueueStream, "1-1", 2, 1)
	r.AddDecline(SettleOutcome{1, []byte("delivery"), "k", nil}, 7, 1500*time.Microsecond, []byte(awkward))
	return r
}

// partSettle acknowledges one message of an entry of the front stream, which a former order has left there.
func partSettle(k Keys) *SettleRequest {
	r := settleFor(k, "")
	r.AddEntry(FrontStream, "1-1", 2, 1)
	r.AddAck(SettleOutcome{Index: 1})
	return r
}

// with adds names and keys by turns.
func with(keys map[string]string, more ...string) map[string]string {
	for i := 0; i < len(more); i += 2 {
		keys[more[i]] = more[i+1]
	}
	return keys
}

// organKeys are all keys of the organ o, as binding.lua numbers them.
func organKeys(path string) map[string]string {
	keys := map[string]string{}
	for i, part := range []string{"q", "part", "dead", "deadid", "first", "hold", "wait", "own", "lane", "bell"} {
		keys[fmt.Sprint(path, i+1)] = part + ":o"
	}
	return keys
}

// lanesKeys are what lanes.lua names.
func lanesKeys() map[string]string {
	return map[string]string{"bind": "bind", "pause": "pause", "lane": "lane:o", "bell": "bell:o", "q": "q:o", "part": "part:o", "first": "first:o",
		"hold": "hold:o", "wait": "wait:o", "n": "n"}
}

// deadKeys are what dead.lua names.
func deadKeys() map[string]string {
	return map[string]string{"bind": "bind", "n": "n", "pause": "pause", "dead": "dead:o", "deadid": "deadid:o", "gone": "gone:o", "before": "before:o"}
}

// mayAnswer reports whether a step may answer what is hostile to most others.
func mayAnswer(request stepRequest, raw string) bool {
	switch request.(type) {
	case *PromoteRequest: // none is due, or one in some hundred million years
		return raw == ":-1\r\n" || raw == ":9223372036854775807\r\n"
	case *RangeRequest: // keys were looked at, and no record is left of them
		return raw == "*1\r\n$2\r\nOK\r\n"
	case *LoadRequest: // records that are none, as anybody may have stored them
		return raw == "*1\r\n$2\r\nOK\r\n" || raw == "*2\r\n$4\r\nDONE\r\n$1\r\n0\r\n"
	case *DeadRequest, *RemoveRequest:
		return raw == ":9223372036854775807\r\n"
	}
	return false
}
