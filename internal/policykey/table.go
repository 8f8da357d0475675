// Package policykey is the one table of the policy keys of organs and handlers: how each key is written, what
// holds without it, which fields of contract.Policy it sets, its name at run time, and its effect.
//
// Everything else that knows policy keys is made from the table: the grammar of annotations and of the environment, the
// defaults of the runtime, the literals in generated code, the hints of diagnostics, and docs/annotations.md. A new
// key is a row here, its field and its option in package necro, and the code that obeys it.
//
//	table.go  the rows
//	value.go  the values behind keys, read by their kind
package policykey

import "slices"

// Kind is the grammar of a key's value, and with it the number and the types of the fields that the value sets.
type Kind int

const (
	Count    Kind = iota // retry=5: an int
	Duration             // timeout=2s: a time.Duration
	Range                // backoff=100ms..30s: two durations, the shorter one first
	CountPer             // breaker=5/30s: an int and a duration
	Word                 // order=key: one of the words of the key, a named type
	Flag                 // exclusive: a bool
)

// Choice is a word that a key takes, and the constant of package necro that means the same.
type Choice struct{ Word, Constant string }

// Key is a row of the table.
type Key struct {
	Name      string
	Kind      Kind
	OfHandler bool     // handlers take the key, too; organs take every key
	Most      int      // of a Count and of a CountPer: the highest number, 0 for maxCount
	Choices   []Choice // of a Word. The constants' values count from 1, in this order
	Fields    []string // of contract.Policy, as many as the kind sets
	Optional  bool     // "none" turns it off, in the environment
	Default   string   // what holds without the key, written as its value; empty when that is the zero value
	Option    string   // the function of package necro that says the same at run time

	Form        string // an example, for hints and documents
	DefaultText string // for documents, where Default is empty
	Does        string // for documents
}

// Table has a row for each key, in the order of documents and of generated literals.
var Table = []Key{
	{Name: "retry", Kind: Count, OfHandler: true, Fields: []string{"Retry"}, Default: "5", Option: "Retry", Form: "retry=5",
		Does: "Attempts in all, from 1 to 1000000. After the last one the delivery is given up."},
	{Name: "backoff", Kind: Range, OfHandler: true, Fields: []string{"BackoffMin", "BackoffMax"}, Default: "100ms..30s",
		Option: "Backoff", Form: "backoff=100ms..30s",
		Does: "The delay before a retry: random between the first duration and a bound that doubles from attempt to attempt, up to the second one."},
	{Name: "timeout", Kind: Duration, OfHandler: true, Fields: []string{"Timeout"}, Optional: true, Option: "Timeout",
		Form: "timeout=2s", DefaultText: "none",
		Does: "Of one attempt. Then its context is cancelled; a handler that ignores that is abandoned after the grace period (`WithGrace`)."},
	{Name: "onfail", Kind: Word, OfHandler: true, Fields: []string{"OnFail"}, Default: "dead", Option: "OnFail", Form: "onfail=dead",
		Choices: []Choice{{"dead", "Dead"}, {"drop", "Drop"}, {"halt", "Halt"}},
		Does: "What becomes of a delivery that is given up: `dead` keeps it as a dead letter, `drop` lets it go, counted and logged, " +
			"`halt` keeps it, pauses the organ for all processes in the same step, and ends Run."},
	{Name: "maxhops", Kind: Count, OfHandler: true, Fields: []string{"MaxHops"}, Default: "64", Option: "MaxHops", Form: "maxhops=64",
		Does: "The highest number of hops at which an event is still handled; beyond it becomes a dead letter. A circle needs one that is written."},
	{Name: "concurrency", Kind: Count, Fields: []string{"Concurrency"}, Default: "1", Option: "Concurrency", Form: "concurrency=4",
		Does: "Handlers of the organ that run at a time, in each process."},
	{Name: "breaker", Kind: CountPer, Fields: []string{"BreakerCount", "BreakerPause"}, Optional: true, Option: "Breaker",
		Form: "breaker=5/30s", DefaultText: "none",
		Does: "After so many failures in a row the organ pauses in this process for that long; one trial follows. " +
			"Failures that no retry mends do not count."},
	{Name: "rate", Kind: CountPer, Fields: []string{"RateCount", "RatePer"}, Optional: true, Option: "Rate",
		Form: "rate=100/1m", DefaultText: "none",
		Does: "How many attempts of the organ begin in that time, over all processes. They come evenly; a tenth is saved up while nothing " +
			"runs, so that one period may see a tenth more. Retries are attempts, too."},
	{Name: "order", Kind: Word, Fields: []string{"Order"}, Option: "Order", Form: "order=strict", DefaultText: "first attempts",
		Choices: []Choice{{"key", "OrderKey"}, {"strict", "OrderStrict"}},
		Does: "What a failing delivery holds back until it is done or given up: `strict` everything behind it, `key` what has its key. " +
			"Without it first attempts start in order, and a retry may run after its successors. `strict` needs a concurrency of 1."},
	{Name: "exclusive", Kind: Flag, Fields: []string{"Exclusive"}, Option: "Exclusive", Form: "exclusive", DefaultText: "off",
		Does: "One process at a time runs the organ. For organs that keep state in memory."},
	{Name: "lanes", Kind: Count, Most: 256, Fields: []string{"Lanes"}, Option: "Lanes", Form: "lanes=16", DefaultText: "1",
		Does: "Over how many lanes the deliveries are spread by their keys, from 1 to 256. One process at a time owns a lane, and the processes " +
			"share the lanes evenly, so that the order of a key holds over all of them. For organs with `order=key` or a state; " +
			"`exclusive` and `order=strict` are one lane. The backend must keep lanes: where it does not, one lane is what there is."},
	{Name: "pack", Kind: Count, Fields: []string{"Pack"}, Option: "Pack", Form: "pack=100", DefaultText: "the backend's",
		Does: "How many events may share an entry, for backends that pack; 1 turns it off. Redis takes at most 64, and so by default."},
	{Name: "prefetch", Kind: Count, Fields: []string{"Prefetch"}, Option: "Prefetch", Form: "prefetch=10", DefaultText: "by speed",
		Does: "How many deliveries that have not started a process holds at most. Without it that follows from the speed of the " +
			"handlers. Deliveries that wait for the running one of their key count, so a busy key may leave other handlers without " +
			"work. Each partition of a backend counts for itself. A backend that packs hands out a whole pack: add `pack=1`."},
	{Name: "batch", Kind: CountPer, OfHandler: true, Most: 10_000, Fields: []string{"BatchCount", "BatchWait"}, Optional: true, Option: "Batch",
		Form: "batch=100/50ms", DefaultText: "none",
		Does: "For a handler that takes a slice of events: how many it gets together at most, from 1 to 10000, and how long the first of them " +
			"waits for the others. Not with `order=strict` or a state."},
}

// Lookup returns the row of a key, or nil. Nothing may change it.
func Lookup(name string) *Key {
	if i := slices.IndexFunc(Table, func(k Key) bool { return k.Name == name }); i >= 0 {
		return &Table[i]
	}
	return nil
}

// Words returns the words that the key takes.
func (k *Key) Words() (words []string) {
	for _, c := range k.Choices {
		words = append(words, c.Word)
	}
	return words
}
