package table

import (
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Mode is how an organ is bound: what its failing deliveries hold back, whether one consumer
// at a time gets its deliveries, and over how many lanes they are spread. It belongs to the binding, so that all processes, of whatever
// release, act under the same one. Values are immutable.
type Mode struct {
	Order     string // strict, key or "-"
	Exclusive bool
	Lanes     int // 0, or 2 and more with order key
}

// String is the word of a mode in the table of bindings and among the live consumers.
func (m Mode) String() string {
	if m.Exclusive {
		return m.OrderWord() + "!"
	}
	return m.OrderWord()
}

// OrderWord is the order in the table of bindings, with the number of lanes behind a slash where there are some.
func (m Mode) OrderWord() string {
	if m.Lanes > 1 {
		return m.Order + "/" + strconv.Itoa(m.Lanes)
	}
	return m.Order
}

// modeOf is the mode of an order word. A number of lanes that no release writes counts as none.
func modeOf(word string) Mode {
	order, text, _ := strings.Cut(word, "/")
	lanes, err := strconv.Atoi(text)
	if err != nil || lanes < 2 || lanes > contract.MaxLanes {
		lanes = 0
	}
	return Mode{Order: order, Lanes: lanes}
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
