package check_test

var families = []family{
	{
		file: "directives",
		source: `
//necro:evnt
type Order struct{ ID string }
`,
		want: "3: NC010: unknown directive //necro:evnt",
	},
	{
		file: "targets",
		source: `
//necro:event
type Order interface{ ID() string }
`,
		want: "3: NC013: //necro:event belongs on a struct type, not on an interface type",
		hint: "declare a struct",
	},
	{
		file: "words",
		source: `
//necro:event kye=ID
type Order struct{ ID string }
`,
		want: `3: NC015: //necro:event has no key "kye"`,
	},
	{
		file: "apart",
		source: `
//necro:event key = ID
type Order struct{ ID string }
`,
		want: `3: NC021: "key" needs a value`,
		hint: "write key=ID, without a space",
	},
	{
		file: "events",
		source: `
//necro:event key=id version=0
type Order struct{ ID string }

//necro:check
func (o *Order) known() bool { return true }
`,
		want: `3: NC031: Order has no field "id"` + "\n" +
			`3: NC033: version "0" is not a number of at least 1` + "\n" +
			"7: NC036: known must be func (e *Order) known() error",
	},
	{
		file: "batches",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle batch=100/50ms
func (*Billing) Charge(ctx context.Context, o []Order) error { return nil }
`,
		want: "12: NC055: handler Charge takes a batch as []Order",
	},
	{
		file: "giveups",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order) error { return nil }

//necro:giveup
func (*Billing) Refuse(ctx context.Context, o *Order) error { return nil }
`,
		want: "15: NC130: give-up handler Refuse takes no *necro.Death behind its event",
	},
	{
		file: "timers",
		source: `
import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:event key=ID
type Order struct{ ID string }

//necro:event
type Late struct{ ID string }

//necro:state
type Basket struct{ N int }

//necro:organ
type Shop struct{}

//necro:handle
func (*Shop) Place(ctx context.Context, b *Basket, o *Order) (necro.Timer[Late], error) {
	return necro.Timer[Late]{}, nil
}
`,
		want: "22: NC129: Place starts a timer of LATE, which organ timers.Shop does not handle with its state",
	},
	{
		file: "sagas",
		source: `
import "context"

//necro:event key=ID
type Order struct{ ID string }

//necro:state saga
type Basket struct{ N int }

//necro:organ
type Shop struct{}

//necro:handle
func (*Shop) Place(ctx context.Context, b *Basket, o *Order) error { return nil }
`,
		want: "15: NC173: saga Basket: from ORDER no handler is reached that ends it",
	},
	{
		file: "undos",
		source: `
import "context"

//necro:event key=ID
type Order struct{ ID string }

//necro:event key=ID undo=UNPACK output
type Pack struct{ ID string }

//necro:event key=ID output
type Unpack struct{ ID string }

//necro:state
type Basket struct{ N int }

//necro:organ
type Shop struct{}

//necro:handle
func (*Shop) Place(ctx context.Context, b *Basket, o *Order) (*Pack, error) { return nil, nil }
`,
		want: "21: NC137: Place emits the command PACK, and does not keep its undo UNPACK",
	},
	{
		file: "every",
		source: `
//necro:event
//necro:every "0 0 30 2 *"
type Order struct{ ID string }
`,
		want: `4: NC161: //necro:every "0 0 30 2 *" never fires`,
	},
	{
		file: "upcasts",
		source: `
//necro:event ORDER
type Order1 struct{ ID string }

//necro:event ORDER version=2
type Order2 struct{ ID string }
`,
		want: "4: NC038: event ORDER version 1 has no upcast to version 2",
	},
	{
		file: "organs",
		source: `
//necro:organ
type Billing struct{}
`,
		want: "4: NC051: organ organs.Billing has no handlers",
	},
	{
		file: "states",
		source: `
import "context"

//necro:event key=ID
type Paid struct{ ID string }

//necro:state ttl=1ms
type Order struct{ N int }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Pay(ctx context.Context, o Order, e *Paid) error { return nil }
`,
		want: "8: NC071: ttl=1ms: must be at least 1s" + "\n" +
			"15: NC120: handler Pay takes the state Order by value",
		hint: "for example ttl=90d",
	},
	{
		file: "aliases",
		source: `
//necro:event ORDER alias=ORDER
type Order struct{ ID string }
`,
		want: "3: NC040: alias ORDER is the name of the event itself",
	},
	{
		file: "handlers",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order) error { return nil }
`,
		want: "11: NC052: Charge is a handler, but Billing is not an organ",
	},
	{
		file: "handlerorder",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Charge(o *Order, ctx context.Context) error { return nil }
`,
		want: "12: NC053: the first parameter of handler Charge must be a context.Context",
		hint: "the order is context, event, emissions",
	},
	{
		file: "handlerparams",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order, n int) (string, error) { return "", nil }
`,
		want: "12: NC058: handler Charge: unexpected parameter of type int" + "\n" +
			"12: NC059: handler Charge: result of type string is not an event",
	},
	{
		file: "policies",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ retry=0 order=strict concurrency=4
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order) error { return nil }
`,
		want: "8: NC071: retry=0: must be from 1 to 1000000" + "\n" +
			"8: NC072: order=strict contradicts concurrency=4",
	},
	{
		file: "fields",
		source: `
//necro:event
type Order struct {
	A string ` + "`msgpack:\"x\"`" + `
	B string ` + "`msgpack:\"x,omitemtpy\"`" + `
}
`,
		want: `6: NC082: B and A both have the wire name "x"` + "\n" +
			`6: NC084: msgpack option "omitemtpy" does not exist`,
	},
	{
		file: "shapes",
		source: `
//necro:event
type Order struct{ Done []chan int }
`,
		want: "4: NC081: Order.Done: chan int cannot be encoded",
	},
	{
		file: "refused",
		source: `
import "sync"

//necro:event
type Order struct{ Lock sync.Mutex }
`,
		want: "6: NC081: Order.Lock: sync.Mutex cannot be encoded",
	},
	{
		file: "mapkeys",
		source: `
//necro:event
type Order struct{ Legs map[*string]int }
`,
		want: "4: NC091: Order.Legs: a key of type *string does not survive encoding",
		hint: "take string",
	},
	{
		file: "marshalers",
		source: `
type Color int

func (Color) MarshalText() ([]byte, error) { return nil, nil }

//necro:event
type Order struct{ Color Color }
`,
		want: "8: NC090: Order.Color: marshalers.Color has MarshalText, but no UnmarshalText",
	},
	{
		file: "foreign",
		source: `
import "flag"

//necro:event
type Order struct{ Option flag.Flag }
`,
		want: "6: NC081: Order.Option.Value: flag.Value cannot be encoded",
		hint: "the type belongs to another module",
	},
	{
		file: "reach",
		source: `
import "example.com/lib"

//necro:event
type Order struct{ Held []lib.Held }
`,
		want: "6: NC095: Order.Held[].Hidden: lib.hidden is not exported",
	},
	{
		file: "rules",
		source: `
//necro:event
type Order struct {
	ID string ` + "`validate:\"requird,luhn_checksum\"`" + `
	N  int    ` + "`validate:\"email\"`" + `
}
`,
		want: `5: NC100: unknown rule "requird"` + "\n" +
			`6: NC102: rule "email" does not fit N, which is an int`,
	},
	{
		file: "ruleparams",
		source: `
//necro:event
type Order struct {
	N int ` + "`validate:\"min=x\"`" + `
}
`,
		want: `5: NC103: rule "min": its parameter must be an integer`,
		hint: "for example min=3",
	},
	{
		file: "rulehint",
		source: `
import "time"

//necro:event
type Order struct {
	Wait time.Duration ` + "`validate:\"max=3x\"`" + `
}
`,
		want: `7: NC103: rule "max": its parameter must be a duration such as 2s`,
		hint: "for example max=",
	},
	{
		file: "rulefields",
		source: `
//necro:event
type Order struct {
	From string ` + "`validate:\"nefield=Too\"`" + `
	To   string
}
`,
		want: `5: NC105: rule "nefield": rulefields.Order has no field "Too"`,
	},
	{
		file: "rulevariable",
		source: `
//necro:event
type Order struct {
	ID string ` + "`validate:\"pattern=orderID\"`" + `
}
`,
		want: "5: NC108: pattern=orderID: package rulevariable has no such variable",
	},
	{
		file: "ruledoors",
		source: `
//necro:event
type Order struct {
	Tags []string ` + "`msgpack:\",omitempty\" validate:\"required\"`" + `
}
`,
		want: `5: NC117: Order.Tags: omitempty leaves out an empty slice, and rule "required" refuses one that is missing`,
	},
	{
		file: "names",
		source: `
//necro:event
type Order struct{ ID string }

var necroOrder int
`,
		want: "6: NC041: necroOrder collides with a generated name",
	},
	{
		file: "rejects",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:orgn
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order) error { return nil }
`,
		want: "8: NC010: unknown directive //necro:orgn",
	},
	{
		file: "refer",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Ordr) error { return nil }
`,
		want: "12: NC004: handler Charge: undefined: Ordr",
		hint: "did you mean Order?",
	},
	{
		file: "typeerror",
		source: `
//necro:event
type Order struct {
	Price Money
	ID    string
	ID    int
}
`,
		want: "5: NC004: Order.Price: undefined: Money" + "\n" +
			"7: NC004: Order: ID redeclared",
		hint: "declare it, or import its package",
	},
	{
		file: "topology",
		source: `
import "context"

//necro:event
type Order struct{ ID string }

//necro:event
type Paid struct{ ID string }

//necro:event
type Again struct{ ID string }

//necro:organ
type Billing struct{}

//necro:handle
func (*Billing) Charge(ctx context.Context, o *Order) (*Paid, *Again, error) { return nil, nil, nil }

//necro:handle
func (*Billing) Retry(ctx context.Context, a *Again) (*Order, error) { return nil, nil }
`,
		want: "18: NC140: topology.Billing emits PAID, which no organ handles" + "\n" +
			"21: NC141: the chain runs in a circle: AGAIN → topology.Billing.Retry → ORDER → topology.Billing.Charge → AGAIN",
	},
}
