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

var verbs = []string{Event, Organ, Handle, Check, Upcast}

// Verbs returns all verbs.
func Verbs() []string { return slices.Clone(verbs) }

// Key is a word that a directive takes.
type Key struct {
	Name  string
	Flag  bool     // stands alone, without "=value"
	Verbs []string // the directives that take it
	Form  string   // an example, for hints
}

var (
	onEvent  = []string{Event}
	onOrgan  = []string{Organ}
	onNamed  = []string{Event, Organ}
	onPolicy = []string{Organ, Handle}
)

var keys = []Key{
	{Name: "key", Verbs: onEvent, Form: "key=Field"},
	{Name: "version", Verbs: onEvent, Form: "version=2"},
	{Name: "output", Verbs: onEvent, Flag: true, Form: "output"},
	{Name: "alias", Verbs: onNamed, Form: "alias=OLD_NAME"},
	{Name: "retry", Verbs: onPolicy, Form: "retry=5"},
	{Name: "backoff", Verbs: onPolicy, Form: "backoff=100ms..30s"},
	{Name: "timeout", Verbs: onPolicy, Form: "timeout=2s"},
	{Name: "onfail", Verbs: onPolicy, Form: "onfail=dead"},
	{Name: "maxhops", Verbs: onPolicy, Form: "maxhops=64"},
	{Name: "concurrency", Verbs: onOrgan, Form: "concurrency=4"},
	{Name: "breaker", Verbs: onOrgan, Form: "breaker=5/30s"},
	{Name: "order", Verbs: onOrgan, Form: "order=strict"},
	{Name: "exclusive", Verbs: onOrgan, Flag: true, Form: "exclusive"},
	{Name: "pack", Verbs: onOrgan, Form: "pack=100"},
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
