package directive

import "slices"

// The verbs.
const (
	Event  = "event"
	Organ  = "organ"
	Handle = "handle"
	Check  = "check"
	Upcast = "upcast"
)

// verb is what documentation says of one.
type verb struct {
	name   string
	target string // what it stands on
	form   string
	does   string
}

var verbTable = []verb{
	{Event, "a struct type", "//necro:event [NAME] [key=Field] [version=N] [alias=OLD_NAME] [output]",
		"The struct is an event. NAME is its name on the wire; without it, it is the type's name in UPPER_SNAKE_CASE: " +
			"HTTPServer is HTTP_SERVER."},
	{Organ, "a struct type", "//necro:organ [NAME] [alias=OLD_NAME] [policy…]",
		"The struct is an organ. NAME is that of its durable subscription; without it, it is package.Type: shop.Billing."},
	{Handle, "a method of an organ", "//necro:handle [policy…]",
		"The method is a handler. Its policy keys win over those of its organ."},
	{Check, "a method `func (e *T) name() error` of an event, or of a struct that an event holds", "//necro:check",
		"A rule across fields, which the generated Validate asks behind those of the fields."},
	{Upcast, "a function `func(Old) (New, error)`", "//necro:upcast",
		"It turns a version of an event into the next one, when an older one is read."},
}

// Verbs returns all verbs.
func Verbs() []string {
	var names []string
	for _, v := range verbTable {
		names = append(names, v.name)
	}
	return names
}

var verbs = Verbs()

// Key is a word that a directive takes.
type Key struct {
	Name  string
	Flag  bool     // stands alone, without "=value"
	Verbs []string // the directives that take it
	Form  string   // an example, for hints

	Default string // what holds without it
	Option  string // the function of package necro that says the same at run time
	Does    string
}

var (
	onEvent  = []string{Event}
	onOrgan  = []string{Organ}
	onNamed  = []string{Event, Organ}
	onPolicy = []string{Organ, Handle}
)

var keys = []Key{
	{Name: "key", Verbs: onEvent, Form: "key=Field", Default: "none", Option: "WithKey",
		Does: "The field whose value groups related events. With more concurrency events of equal key stay in order; `order=key` holds back " +
			"its key; over several partitions it chooses the chain's. A top-level field: a string, an integer, `[N]byte`, or a type with MarshalText."},
	{Name: "version", Verbs: onEvent, Form: "version=2", Default: "1",
		Does: "The version of this struct. Several may stand side by side under one NAME: the highest is handled and emitted, " +
			"the others are read, and upcast step by step."},
	{Name: "output", Verbs: onEvent, Flag: true, Form: "output", Default: "off",
		Does: "The event is for the outside: no handler is expected, and without one it is not stored."},
	{Name: "alias", Verbs: onNamed, Form: "alias=OLD_NAME", Default: "none",
		Does: "Former names, with commas between them. What is stored under one of them is taken for this event, or for this organ."},
	{Name: "retry", Verbs: onPolicy, Form: "retry=5", Default: "5", Option: "Retry",
		Does: "Attempts in all, from 1 to 1000000. After the last one the delivery is given up."},
	{Name: "backoff", Verbs: onPolicy, Form: "backoff=100ms..30s", Default: "100ms..30s", Option: "Backoff",
		Does: "The delay before a retry: random between the first duration and a bound that doubles from attempt to attempt, up to the second one."},
	{Name: "timeout", Verbs: onPolicy, Form: "timeout=2s", Default: "none", Option: "Timeout",
		Does: "Of one attempt. Then its context is cancelled; a handler that ignores that is abandoned after the grace period (`WithGrace`)."},
	{Name: "onfail", Verbs: onPolicy, Form: "onfail=dead", Default: "dead", Option: "OnFail",
		Does: "What becomes of a delivery that is given up: `dead` keeps it as a dead letter, `drop` lets it go, counted and logged, " +
			"`halt` keeps it, pauses the organ for all processes in the same step, and ends Run."},
	{Name: "maxhops", Verbs: onPolicy, Form: "maxhops=64", Default: "64", Option: "MaxHops",
		Does: "The highest number of hops at which an event is still handled; beyond it becomes a dead letter. A circle needs one that is written."},
	{Name: "concurrency", Verbs: onOrgan, Form: "concurrency=4", Default: "1", Option: "Concurrency",
		Does: "Handlers of the organ that run at a time, in each process."},
	{Name: "breaker", Verbs: onOrgan, Form: "breaker=5/30s", Default: "none", Option: "Breaker",
		Does: "After so many failures in a row the organ pauses in this process for that long; one trial follows. " +
			"Failures that no retry mends do not count."},
	{Name: "order", Verbs: onOrgan, Form: "order=strict", Default: "first attempts", Option: "Order",
		Does: "What a failing delivery holds back until it is done or given up: `strict` everything behind it, `key` what has its key. " +
			"Without it first attempts start in order, and a retry may run after its successors. `strict` needs a concurrency of 1."},
	{Name: "exclusive", Verbs: onOrgan, Flag: true, Form: "exclusive", Default: "off", Option: "Exclusive",
		Does: "One process at a time runs the organ. For organs that keep state in memory."},
	{Name: "pack", Verbs: onOrgan, Form: "pack=100", Default: "the backend's", Option: "Pack",
		Does: "How many events may share an entry, for backends that pack; 1 turns it off. Redis takes at most 64, and so by default."},
}

// LookupKey returns the key of that name.
func LookupKey(name string) (Key, bool) {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}

// KeysOf returns the names of the keys that a directive takes.
func KeysOf(verb string) []string {
	var names []string
	for _, k := range keys {
		if k.Fits(verb) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Fits says whether the directive takes the key.
func (k Key) Fits(verb string) bool { return slices.Contains(k.Verbs, verb) }
