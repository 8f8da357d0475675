package store

// Keys is the prefix of a partition's keys. It ends with a colon and holds the hash tag, so that one
// server has all keys of a partition.
type Keys string

func (k Keys) bindingsKey() string { return string(k) + "bind" }
func (k Keys) countersKey() string { return string(k) + "n" }
func (k Keys) pausesKey() string   { return string(k) + "pause" }
func (k Keys) livingKey() string   { return string(k) + "live" }
func (k Keys) scheduleKey() string { return string(k) + "due" }
func (k Keys) laterKey() string    { return string(k) + "later" }   // delayed events by time: "!", name, a zero byte, number, id
func (k Keys) laterIDsKey() string { return string(k) + "laterid" } // by id: what their member begins with, and the message
func (k Keys) everyKey() string    { return string(k) + "every" }   // how far schedules have fired, by schedule
func (k Keys) metaKey() string     { return string(k) + "meta" }
func (k Keys) tokensKey() string   { return string(k) + "tok" }
func (k Keys) renewalsKey() string { return string(k) + "tok:seen" } // when each token was renewed
func (k Keys) idsKey() string      { return string(k) + "tok:ids" }  // that callers gave their events

// uniquesOf are the keys of unique events, in the order in which scripts read them: what is known of them, by id and by place; and
// their ids by when they end.
func (k Keys) uniquesOf() []string { return []string{string(k) + "uniq", string(k) + "uniq:ends"} }

// ofOrgan is a key of an organ: its queue "q", or another part of it.
func (k Keys) ofOrgan(part, organ string) string { return string(k) + part + ":" + organ }

// ofOrganIf is ofOrgan where a call needs the key. Else it is a key that exists always: over a cluster a
// script runs only where all keys exist that it names, while a slot is being moved.
func (k Keys) ofOrganIf(needed bool, part, organ string) string {
	if needed {
		return k.ofOrgan(part, organ)
	}
	return k.bindingsKey()
}

// ofEvent is a key of an event: its "park", or "took", which says how much of the park each organ had.
func (k Keys) ofEvent(part, event string) string { return string(k) + part + ":" + event }

// The streams of an organ, as the scripts number them.
const (
	QueueStream = 1
	FrontStream = 2 // read first: retries of an organ whose order counts, and what waited for them
)

// statesOf are the keys of an organ with state, in the order in which scripts read them: its records by key; when those
// expire, in milliseconds; and the keys in order.
func (k Keys) statesOf(organ string) []string {
	return []string{k.ofOrgan("state", organ), k.ofOrgan("ttl", organ), k.ofOrgan("keys", organ)}
}

// allOfOrgan are the keys of an organ, as binding.lua's organKeys reads them.
func (k Keys) allOfOrgan(organ string) []string {
	keys := make([]string, 0, 10)
	for _, part := range []string{"q", "part", "dead", "deadid", "first", "hold", "wait", "own", "lane", "bell"} {
		keys = append(keys, k.ofOrgan(part, organ))
	}
	return keys
}
