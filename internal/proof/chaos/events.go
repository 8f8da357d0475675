package main

//go:generate go tool necrogen

// A chain is a tree of events that begins with a Root and whose shape the Root tells:
//
//	ROOT ─ split ─┬─ LEFT  × Lefts ─ left ──────────────────────────── LEAF ─ join, tally, witness
//	              └─ RIGHT ───────── right ─ MIDDLE × Rights ─ right ─ LEAF ─ join, tally, witness
//
// An event is known by its path, "c7/l0/f", which handlers write into it: neither the ids nor the counters of
// the tested program have a part in the count.

// Step is what all events hold.
type Step struct {
	Path string `msgpack:"path" validate:"required"`
	// By names the one call that made this event: a random number, which every call of a handler and every try
	// to publish draws for itself. Siblings, and copies, with different numbers come from two calls that both
	// counted.
	By uint64 `msgpack:"by" validate:"required"`
}

func (s *Step) step() *Step { return s }

// Root begins a chain.
//
//necro:event ROOT key=Chain
type Root struct {
	Step
	Chain  string `msgpack:"chain" validate:"required"`
	Lefts  int    `msgpack:"lefts" validate:"gte=1,lte=9"`
	Rights int    `msgpack:"rights" validate:"gte=0,lte=9"`
	// Doomed says that the witness gives the first leaf up, so that there are dead letters.
	Doomed bool `msgpack:"doomed"`
}

// Left leads to one leaf.
//
//necro:event LEFT key=Chain
type Left struct {
	Step
	Chain  string `msgpack:"chain" validate:"required"`
	Doomed bool   `msgpack:"doomed"`
}

// Right leads to as many leaves as it says.
//
//necro:event RIGHT key=Chain
type Right struct {
	Step
	Chain  string `msgpack:"chain" validate:"required"`
	Rights int    `msgpack:"rights" validate:"gte=0,lte=9"`
}

// Middle is one hop more on the way to a leaf.
//
//necro:event MIDDLE key=Chain
type Middle struct {
	Step
	Chain string `msgpack:"chain" validate:"required"`
}

// Leaf ends a branch.
//
//necro:event LEAF key=Chain
type Leaf struct {
	Step
	Chain  string `msgpack:"chain" validate:"required"`
	Doomed bool   `msgpack:"doomed"`
}

// Seen is how often the tally has seen each leaf of a chain.
//
//necro:state
type Seen struct {
	Leaves map[string]int `msgpack:"leaves"`
}
