package emitlate

import (
	"context"
	"slices"
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:organ
type Right struct{ once sync.Once }

//necro:handle
func (r *Right) Emit(_ context.Context, o *Order, emit necro.Emit[Line]) error {
	emit(Line{})
	for range 3 {
		emit(Line{})
	}
	r.lines(o, emit)
	each([]Line{{}}, emit)
	each([]Line{{}}, func(l Line) { emit(l) })
	slices.SortFunc([]Line{{}}, func(a, b Line) int { emit(a); return 0 })
	send := func() { emit(Line{}) }
	send()
	r.once.Do(send)
	emitters := map[string]func(Line){"a": emit}
	emitters["a"](Line{})
	for l := range lines {
		emit(l)
	}
	return nil
}

//necro:handle
func (r *Right) Collect(_ context.Context, o *Order, emit necro.Emit[Line]) {
	results := make(chan Line)
	go func() {
		defer close(results)
		results <- Line{}
	}()
	for l := range results {
		emit(l)
	}
	defer func() { recover() }()
}

func (r *Right) lines(o *Order, emit necro.Emit[Line]) {
	if o.ID != "" {
		emit(Line{o.ID})
		r.lines(&Order{}, emit)
	}
}

func each(lines []Line, do func(Line)) {
	for _, l := range lines {
		do(l)
	}
}

func lines(yield func(Line) bool) { yield(Line{}) }
