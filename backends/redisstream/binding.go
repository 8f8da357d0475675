package redisstream

import "github.com/necrostack/necrogen/runtime/contract"

// mode is how an organ is bound: what its failing deliveries hold back, and whether one consumer
// at a time gets its deliveries. It belongs to the binding, so that all processes, of whatever
// release, act under the same one. Values are immutable.
type mode struct {
	order     string // strict, key or "-"
	exclusive bool
}

// String is the word of a mode in the table of bindings and among the live consumers.
func (m mode) String() string {
	if m.exclusive {
		return m.order + "!"
	}
	return m.order
}

// orderParameter is the order as scripts take it, where ” stands for none.
func (m mode) orderParameter() string {
	if m.order == "-" {
		return ""
	}
	return m.order
}

// usesFront reports whether the front stream may hold something in this mode. Ownership of an organ is taken only
// when no process holds an entry there.
func (m mode) usesFront() bool { return m.order != "-" || m.exclusive }

// orderName is the word for an order in the table of bindings.
func orderName(o contract.OrderMode) string {
	switch o {
	case contract.OrderStrict:
		return "strict"
	case contract.OrderKey:
		return "key"
	}
	return "-"
}

// orderMode is the order of a word. A word of a later release counts as no order.
func orderMode(name string) contract.OrderMode {
	switch name {
	case "strict":
		return contract.OrderStrict
	case "key":
		return contract.OrderKey
	}
	return contract.OrderFirstAttempts
}
