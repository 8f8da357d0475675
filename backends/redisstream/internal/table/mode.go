package table

import "github.com/necrostack/necrogen/runtime/contract"

// Mode is how an organ is bound: what its failing deliveries hold back, and whether one consumer
// at a time gets its deliveries. It belongs to the binding, so that all processes, of whatever
// release, act under the same one. Values are immutable.
type Mode struct {
	Order     string // strict, key or "-"
	Exclusive bool
}

// String is the word of a mode in the table of bindings and among the live consumers.
func (m Mode) String() string {
	if m.Exclusive {
		return m.Order + "!"
	}
	return m.Order
}

// OrderParameter is the order as scripts take it, where ” stands for none.
func (m Mode) OrderParameter() string {
	if m.Order == "-" {
		return ""
	}
	return m.Order
}

// UsesFront reports whether the front stream may hold something in this mode. Ownership of an organ is taken only
// when no process holds an entry there.
func (m Mode) UsesFront() bool { return m.Order != "-" || m.Exclusive }

// OrderName is the word for an order in the table of bindings.
func OrderName(o contract.OrderMode) string {
	switch o {
	case contract.OrderStrict:
		return "strict"
	case contract.OrderKey:
		return "key"
	}
	return "-"
}

// OrderMode is the order of a word. A word of a later release counts as no order.
func OrderMode(name string) contract.OrderMode {
	switch name {
	case "strict":
		return contract.OrderStrict
	case "key":
		return contract.OrderKey
	}
	return contract.OrderFirstAttempts
}
