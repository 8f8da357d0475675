package trail

// Tape keeps the latest values added to it, as many as Size says. It is cut when it is twice too long.
type Tape[T any] struct {
	Size  int
	items []T
}

// Add adds an item.
func (t *Tape[T]) Add(item T) {
	t.items = append(t.items, item)
	if len(t.items) > 2*t.Size {
		t.items = append(t.items[:0], t.Latest()...)
	}
}

// Latest returns the latest items, the oldest first.
func (t *Tape[T]) Latest() []T { return t.items[max(0, len(t.items)-t.Size):] }
