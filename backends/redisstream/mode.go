package redisstream

import necro "github.com/necrostack/necrogen/runtime"

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

// parameter is the order as scripts take it, where ” stands for none.
func (m mode) parameter() string {
	if m.order == "-" {
		return ""
	}
	return m.order
}

// wants is the mode that this process asks for.
func (q *queue) wants() *mode { return &mode{orderName(q.sub.Order), q.sub.Exclusive} }

// order is the order in effect: strict, key or "-".
func (q *queue) order() string { return q.mode.Load().order }

// exclusive reports whether the organ has one owner at a time.
func (q *queue) exclusive() bool { return q.mode.Load().exclusive }

func orderName(o necro.OrderMode) string {
	switch o {
	case necro.OrderStrict:
		return "strict"
	case necro.OrderKey:
		return "key"
	}
	return "-"
}

func orderMode(name string) necro.OrderMode {
	switch name {
	case "strict":
		return necro.OrderStrict
	case "key":
		return necro.OrderKey
	}
	return necro.OrderFirstAttempts
}

// modeIn is the organ's mode by a table of bindings.
func (q *queue) modeIn(t *bindings) mode {
	if to := t.organs[q.organ]; to != nil {
		return mode{to.order, q.exclusive()}
	}
	return *q.mode.Load()
}
