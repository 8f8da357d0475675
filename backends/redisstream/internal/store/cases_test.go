package store

import (
	"fmt"
	"time"
)

// binary is an id, key or text that breaks what takes it for text.
const binary = "\x00\xff\r\n '\"%"

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
			{FrontStream, "1-2", 1, []int{0}}, {QueueStream, "3-4", 64, nil}}},
			keys: map[string]string{"own": "own:o", "q": "q:o", "part": "part:o", "first": "first:o"}, unsent: []string{"organ"}},
		{request: &SameRequest{Keys: k, Organ: "o", Entries: []SameEntry{{QueueStream, "1-2", "d"}, {FrontStream, "3-4", "e"}}},
			keys: map[string]string{"q": "q:o", "first": "first:o"}, unsent: []string{"organ"}},
		{request: &AsideRequest{Keys: k, Organ: "o", Mode: "key!", Entries: []AsideEntry{
			{QueueStream, "1-2", 64, "", []AsideDelivery{{3, [16]byte{0, 255, 10}, binary, 70, 80}, {4, [16]byte{1}, "", 150, 90}}},
			{FrontStream, "3-4", 1, "0000000000001-0000000002-01", []AsideDelivery{{0, [16]byte{2}, "k", 1, 9}}}}},
			keys: map[string]string{"q": "q:o", "part": "part:o", "first": "first:o", "hold": "hold:o", "wait": "wait:o", "n": "n", "bind": "bind"}},
		{request: &OfferRequest{Keys: k, Organ: "o", Consumer: "p", Entries: []OfferEntry{
			{"1-2", 64, []OfferMessage{{3, 70, 80}, {4, 150, 90}}}, {"3-4", 1, []OfferMessage{{0, 1, 9}}}}},
			keys: map[string]string{"bind": "bind", "n": "n", "q": "q:o", "part": "part:o"}},
		{request: &TurnRequest{Keys: k, Organ: "o", Consumer: "p", Lease: lease, Messages: 7, Bytes: 8},
			keys: map[string]string{"bind": "bind", "q": "q:o", "part": "part:o", "first": "first:o", "wait": "wait:o"}},
		{request: &LookRequest{Keys: k, Digest: "d", Consumer: "p", Organs: []LookOrgan{{"o", "", lease, ""}, {"s", "p/1", 2 * lease, "strict"}}},
			keys: map[string]string{"bind": "bind", "pause": "pause", "n": "n",
				"organs.1.own": "bind", "organs.1.q": "q:o", "organs.1.first": "bind", "organs.1.hold": "bind", "organs.1.wait": "bind",
				"organs.2.own": "own:s", "organs.2.q": "q:s", "organs.2.first": "first:s", "organs.2.hold": "hold:s", "organs.2.wait": "wait:s"}},
		{request: &SweepRequest{Keys: k, Stream: string(k) + "q:o", Process: "p", Limit: 3, Consumers: []string{"a", binary}},
			keys: map[string]string{"n": "n", "ids": "tok:ids", "stream": "q:o"}, unsent: []string{"stream"}},
		{request: &LiveRequest{Keys: k, TTL: lease, Members: []string{"o p - path", binary}},
			keys: map[string]string{"live": "live", "n": "n"}},
		{request: &StepRequest{Keys: k, Steps: "2", By: -lease}, keys: map[string]string{"n": "n"}},
		{request: &MetaRequest{Keys: k, Layout: "1", Partitions: "16", Tags: "a b"}, keys: map[string]string{"meta": "meta"}},
		{request: &AnchorRequest{[]Anchor{{string(k) + "a", "hash"}, {string(k) + "b", "lex"}}}},
		{request: &DueRequest{Keys: k, Limit: 7, Bytes: 8, Sweeper: "p", Lease: lease}, keys: map[string]string{"due": "due", "n": "n"}},
		{request: &UnscheduleRequest{Keys: k, Organ: "o", Skip: 6, Messages: 7, Bytes: 8, Final: true},
			keys: map[string]string{"bind": "bind", "n": "n", "due": "due"}},
		{request: &ModeRequest{Keys: k, Digest: "d", Organ: "o", Process: "p", Order: "strict", Exclusive: true},
			keys: with(organKeys("organ."), "bind", "bind", "live", "live", "n", "n")},
		{request: &RemoveRequest{Keys: k, Digest: "d", Organ: "o", Rows: []string{"organ o", binary}, Events: []RemoveEvent{{"A"}, {"B"}}},
			keys: with(organKeys("organ."), "bind", "bind", "n", "n", "pause", "pause", "live", "live", "events.1.park", "park:A",
				"events.1.took", "took:A", "events.2.park", "park:B", "events.2.took", "took:B")},
		{request: &HealthRequest{Keys: k, Limit: 5, Organs: []HealthOrgan{{"o", "-"}, {"s", "strict"}}},
			keys: map[string]string{"bind": "bind", "n": "n", "pause": "pause", "live": "live",
				"organs.1.q": "q:o", "organs.1.part": "part:o", "organs.1.dead": "dead:o", "organs.1.first": "bind", "organs.1.hold": "bind", "organs.1.wait": "bind",
				"organs.2.q": "q:s", "organs.2.part": "part:s", "organs.2.dead": "dead:s", "organs.2.first": "first:s", "organs.2.hold": "hold:s", "organs.2.wait": "wait:s"}},
		{request: &PromoteRequest{Keys: k, Digest: "d", Routes: someRoutes(k), Limit: 7, Bytes: 8, Organs: []PromoteOrgan{{"o", 1}, {"s", 2}}},
			keys: map[string]string{"bind": "bind", "n": "n", "due": "due"}},
		{request: &DeadRequest{Keys: k, Redrive: true, Digest: "d", Routes: someRoutes(k), Organ: "o", Letters: [][16]byte{{0, 255, 10}, {1}}},
			keys: deadKeys(), unsent: []string{"redrive"}},
		{request: &DeadRequest{Keys: k, Digest: "d", Organ: "o", Letters: [][16]byte{{2}}}, keys: deadKeys(), unsent: []string{"redrive"}},
		{request: &HandoverRequest{Keys: k, Digest: "d", Messages: 7, Bytes: 8, Organs: []Target{{Organ: "o", Pack: 9}, {Organ: "s", Pack: 1}},
			Events: []HandoverEvent{{"A", []int{1, 2}}, {"B", []int{2}}}},
			keys: map[string]string{"bind": "bind", "n": "n", "organs.1.stream": "q:o", "organs.1.marks": "part:o", "organs.2.stream": "q:s", "organs.2.marks": "part:s",
				"events.1.park": "park:A", "events.1.took": "took:A", "events.2.park": "park:B", "events.2.took": "took:B"}},
		{request: &OneRequest{Keys: k, Organ: "o", Digest: "d", Number: 1 << 30, Renew: true, Process: "p", Entry: []byte(binary)},
			keys: map[string]string{"bind": "bind", "tokens": "tok", "seen": "tok:seen", "stream": "q:o", "n": "n"}, unsent: []string{"organ"},
			tables: `local keys = { bind = bind, tokens = tokens, seen = seen, stream = stream, n = n }
local request = { digest = known, number = number, renew = renew, process = process, entry = entry }`},
		{request: &ClaimRequest{Keys: k, Organ: "o", Mode: "key!", Consumer: "p", Owner: "p/1", Lease: lease, Order: "key", Limit: 3, Asked: 4, Bytes: 5,
			AtOnce: 6, Recover: true, New: true, Latest: 1 << 60, Known: []string{"1-2", "+3-4"}},
			keys: map[string]string{"bind": "bind", "pause": "pause", "own": "own:o", "q": "q:o", "part": "part:o", "first": "first:o",
				"hold": "hold:o", "wait": "wait:o", "n": "n"}},
		{request: &ClaimRequest{Keys: k, Organ: "o", Mode: "-", Consumer: "p", Lease: lease, Limit: 3, Asked: 4, Bytes: 5, AtOnce: 6},
			keys: map[string]string{"bind": "bind", "pause": "pause", "own": "bind", "q": "q:o", "part": "part:o", "first": "bind",
				"hold": "bind", "wait": "bind", "n": "n"}, unsent: []string{"latest"}},
		{request: &SubscribeRequest{Keys: k, Digest: "d", TTL: lease, Process: "p", Rows: []SubscribeRow{{"name o", "o"}, {binary, ""}},
			Events: []SubscribeEvent{{"A"}, {"B"}}, Organs: []SubscribeOrgan{{"o", "path", 9, "key", true, "o p key! path", []int{1, 2}}}},
			keys: with(organKeys("organs.1.keys."), "bind", "bind", "n", "n", "pause", "pause", "live", "live", "due", "due",
				"events.1.park", "park:A", "events.1.took", "took:A", "events.2.park", "park:B", "events.2.took", "took:B"), unsent: []string{"rejoin"}},
		{request: &SubscribeRequest{Keys: k, Rejoin: true, Digest: "d", TTL: lease, Process: "p"},
			keys: map[string]string{"bind": "bind", "n": "n", "pause": "pause", "live": "live", "due": "due"}, unsent: []string{"rejoin"}},
		{request: &PublishRequest{Keys: k, HasIDs: true, Digest: "d", Number: 1 << 30, Process: "p", Rows: someRows(k)},
			keys: map[string]string{"bind": "bind", "tokens": "tok", "seen": "tok:seen", "ids": "tok:ids", "n": "n"}, unsent: []string{"hasIDs"},
			tables: `local keys = { bind = bind, tokens = tokens, seen = seen, ids = ids, n = n }
local rows = {}
eachRow(function(id, route, count, bytes) rows[#rows + 1] = { id = id, route = route, count = count, bytes = bytes } end)
local request = { digest = known, number = number, renew = renew, process = process, rows = rows }`},
	}
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
	}{{0, "a"}, {0, binary}, {2, "parked"}} {
		w.End(append(w.Begin(message.route), message.text...))
	}
	w.SetID(binary)
	w.End(append(w.Begin(1), "once"...))
	w.SetID("")
	w.Close()
	return w
}

// rowFields lists what someRows are in Lua.
func rowFields(list map[string]string) {
	for i, row := range [][4]string{{"", "1", "-2", "\x92a" + binary}, {"", "3", "1", "parked"}, {binary, "2", "1", "once"}} {
		for j, name := range []string{"id", "route", "count", "bytes"} {
			list[fmt.Sprintf("request.rows.%d.%s", i+1, name)] = row[j]
		}
	}
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
	for i, part := range []string{"q", "part", "dead", "deadid", "first", "hold", "wait", "own"} {
		keys[path+string(rune('1'+i))] = part + ":o"
	}
	return keys
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
	case *DeadRequest, *RemoveRequest:
		return raw == ":9223372036854775807\r\n"
	}
	return false
}
