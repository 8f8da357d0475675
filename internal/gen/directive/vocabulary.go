package directive

import (
	"cmp"
	"slices"

	"github.com/necrostack/necrogen/internal/policykey"
)

// The verbs.
const (
	Event  = "event"
	Every  = "every"
	Organ  = "organ"
	State  = "state"
	Codec  = "codec"
	Handle = "handle"
	GiveUp = "giveup"
	Check  = "check"
	Upcast = "upcast"
)

// verb is what documentation says of one.
type verb struct {
	name   string
	target string // the declaration that it belongs to
	form   string
	does   string
}

var verbTable = []verb{
	{Event, "a struct type", "//necro:event [NAME] [key=Field] [version=N] [alias=OLD_NAME] [undo=NAME] [output]",
		"The struct is an event. NAME is its name on the wire; without it, it is the type's name in UPPER_SNAKE_CASE: " +
			"HTTPServer is HTTP_SERVER."},
	{Every, "a struct type that is an event, too", "//necro:every TIMES [tz=Zone] [catchup=WORD] [jitter=D]",
		"The zero event is published at each tick, once for all processes: see [schedules](schedules.md). TIMES are five cron fields in quotes, " +
			"as in `\"30 2 * * 1-5\"`; `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`; or a duration from `1s`."},
	{Organ, "a struct type", "//necro:organ [NAME] [alias=OLD_NAME] [policy…]",
		"The struct is an organ. NAME is that of its durable subscription; without it, it is package.Type: shop.Billing."},
	{State, "a struct type", "//necro:state [version=N] [alias=OLD_NAME] [ttl=D] [saga]",
		"The struct is the state of an organ: one value for each event key, which handlers take as a pointer in front of the " +
			"event. Its name is the type's in UPPER_SNAKE_CASE."},
	{Codec, "an exported struct type that is no event and no state", "//necro:codec",
		"The codec and the validator of the struct are written once, into the generated file of its package. Events and states of other packages of " +
			"the module that hold the struct call them there, where each package would otherwise have its own: less to compile."},
	{Handle, "a method of an organ", "//necro:handle [policy…]",
		"The method is a handler. Its policy keys win over those of its organ."},
	{GiveUp, "a method of an organ", "//necro:giveup",
		"The method is called when a delivery of its event is given up, also with `onfail=drop`. Behind the event it takes a " +
			"`*necro.Death`. What it emits, and its state, are stored with the dead letter in one step: see [organs](organs.md#give-ups)."},
	{Check, "a method `func (e *T) name() error` of an event or a state, or of a struct that one holds", "//necro:check",
		"A rule across fields, which the generated Validate asks behind those of the fields."},
	{Upcast, "a function `func(Old) (New, error)`", "//necro:upcast",
		"It turns a version of an event or a state into the next one, when an older one is read."},
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
	onEvery  = []string{Every}
	onOrgan  = []string{Organ}
	onState  = []string{State}
	onCoded  = []string{Event, State}
	onNamed  = []string{Event, Organ, State}
	onPolicy = []string{Organ, Handle}
)

var keys = append(nameKeys, policyKeys()...)

// policyKeys returns the rows of the table of policy keys: those that handlers take, too, come first.
func policyKeys() (list []Key) {
	for _, row := range policykey.Table {
		k := Key{Name: row.Name, Flag: row.Kind == policykey.Flag, Verbs: onOrgan, Form: row.Form,
			Default: cmp.Or(row.Default, row.DefaultText), Option: row.Option, Does: row.Does}
		if row.OfHandler {
			k.Verbs = onPolicy
		}
		list = append(list, k)
	}
	return list
}

var nameKeys = []Key{
	{Name: "key", Verbs: onEvent, Form: "key=Field", Default: "none", Option: "WithKey",
		Does: "The field whose value groups related events. With more concurrency events of equal key stay in order; `order=key` holds back " +
			"its key; over several partitions it chooses the chain's. A top-level field: a string, an integer, `[N]byte`, or a type with MarshalText."},
	{Name: "version", Verbs: onCoded, Form: "version=2", Default: "1",
		Does: "The version of this struct. Several may stand side by side, events under one NAME, states as their upcasts lead: the " +
			"highest is handled and emitted, the others are read, and upcast step by step."},
	{Name: "output", Verbs: onEvent, Flag: true, Form: "output", Default: "off",
		Does: "The event is for the outside: no handler is expected, and without one it is not stored."},
	{Name: "undo", Verbs: onEvent, Form: "undo=RELEASE_STOCK", Default: "none",
		Does: "The event is a command, and this is the name of the event that takes it back. A handler that emits the command returns a " +
			"`necro.Undo` of that event beside it, and one organ handles both in the order of their key: see [undos](organs.md#undos)."},
	{Name: "tz", Verbs: onEvery, Form: "tz=Europe/Berlin", Default: "UTC",
		Does: "The zone whose clock the cron fields mean, by its name in the tz database."},
	{Name: "catchup", Verbs: onEvery, Form: "catchup=all", Default: "last",
		Does: "What becomes of ticks whose time passed while no process ran: none fires (`skip`), the newest (`last`), or all up to 1,000 (`all`)."},
	{Name: "jitter", Verbs: onEvery, Form: "jitter=30s", Default: "none",
		Does: "How long a tick may wait behind its time, so that not all schedules fire at once. How long it is, is the same in all processes."},
	{Name: "alias", Verbs: onNamed, Form: "alias=OLD_NAME", Default: "none",
		Does: "Former names, with commas between them. What is stored under one of them is taken for this event, or for this organ. " +
			"Of a state, what `necro.lock` holds under one of them is compared with this one."},
	{Name: "saga", Verbs: onState, Flag: true, Form: "saga", Default: "off",
		Does: "The organ that keeps the state is a saga: necrogen proves that it hears back from every command, and that it ends. See [sagas](organs.md#sagas)."},
	{Name: "ttl", Verbs: onState, Form: "ttl=90d", Default: "for ever",
		Does: "How long the value of a key lives after it was last stored: a duration such as `36h`, also with days, `90d` or `1d12h`."},
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
