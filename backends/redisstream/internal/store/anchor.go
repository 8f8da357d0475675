package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var anchorScript = loadScript("anchor", allowOOM)

// AnchorRequest sees to it that keys exist.
type AnchorRequest struct {
	Anchors []Anchor
}

// Anchor is a key with its kind: "hash", "stream", "times" (a sorted set by time), "lex" (one by members)
// or "live".
type Anchor struct{ Key, Kind string }

// AddPartition adds the keys that each partition has.
func (r *AnchorRequest) AddPartition(k Keys) {
	r.addKeys("hash", k.bindingsKey(), k.countersKey(), k.pausesKey(), k.tokensKey(), k.laterIDsKey(), k.everyKey(), k.uniquesOf()[0])
	r.addKeys("times", k.scheduleKey(), k.laterKey(), k.renewalsKey(), k.idsKey(), k.uniquesOf()[1])
	r.addKeys("live", k.livingKey())
}

// AddOrgan adds the keys of an organ that are not created when it is bound.
func (r *AnchorRequest) AddOrgan(k Keys, organ string) {
	r.addKeys("hash", k.ofOrgan("part", organ), k.ofOrgan("deadid", organ), k.ofOrgan("hold", organ), k.ofOrgan("lane", organ))
	r.addKeys("stream", k.ofOrgan("dead", organ), k.ofOrgan("bell", organ))
	r.addKeys("lex", k.ofOrgan("wait", organ))
}

// AddStates adds the keys of an organ with state.
func (r *AnchorRequest) AddStates(k Keys, organ string) {
	keys := k.statesOf(organ)
	r.addKeys("hash", keys[0])
	r.addKeys("times", keys[1])
	r.addKeys("lex", keys[2])
}

// AddPark adds the park of an event.
func (r *AnchorRequest) AddPark(k Keys, event string) { r.addKeys("stream", k.ofEvent("park", event)) }

func (r *AnchorRequest) addKeys(kind string, keys ...string) {
	for _, key := range keys {
		r.Anchors = append(r.Anchors, Anchor{key, kind})
	}
}

// Call returns the keys and arguments as anchor.lua reads them.
func (r *AnchorRequest) Call() Call {
	keys, args := make([]string, 0, len(r.Anchors)), []any{len(r.Anchors)}
	for _, anchor := range r.Anchors {
		keys, args = append(keys, anchor.Key), append(args, anchor.Kind)
	}
	return Call{anchorScript, keys, args}
}

// ReadReply returns an error unless all keys exist.
func (r *AnchorRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
