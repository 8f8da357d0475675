package eventwrite

import (
	"context"
	"sync"
	"sync/atomic"
)

//necro:organ
type Keeper struct {
	last    *Order
	byID    map[string]*Order
	value   Placed
	queue   chan *Order
	entries []entry
	todo    []func()
	state   *state
	all     sync.Map
	newest  atomic.Pointer[Order]
}

type entry struct {
	order *Order
	n     int
}

type state struct{ order *Order }

var latest *Order

//necro:handle
func (k *Keeper) Keep(_ context.Context, o *Order) {
	k.value = Placed(*o)                          // want `Keep keeps a reference to its event in k.value`
	k.last = o                                    // want `necro/eventwrite: Keep keeps a reference to its event in k.last: other organs and the publisher share that memory\n\thint: keep a copy, with`
	latest = o                                    // want `Keep keeps a reference to its event in latest`
	k.byID[o.ID] = o                              // want `Keep keeps a reference to its event in k.byID\[o.ID\]`
	k.queue <- o                                  // want `Keep keeps a reference to its event in k.queue`
	k.entries = append(k.entries, entry{o, 1})    // want `Keep keeps a reference to its event in k.entries`
	k.todo = append(k.todo, func() { use(o.ID) }) // want `Keep keeps a reference to its event in k.todo`
	k.state.order = o                             // want `Keep keeps a reference to its event in k.state.order`
	k.all.Store(o.ID, o)                          // want `Keep keeps a reference to its event in the organ`
	k.newest.Store(o)                             // want `Keep keeps a reference to its event in the organ`
	k.state = &state{o}                           // want `Keep keeps a reference to its event in k.state`
	select {
	case k.queue <- o: // want `Keep keeps a reference to its event in k.queue`
	default:
	}
}

//necro:handle
func (k *Keeper) Value(_ context.Context, o Placed) {
	k.value = o // want `Value keeps a reference to its event in k.value`
}

func use(string) {}
