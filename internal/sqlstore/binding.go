package sqlstore

import (
	"maps"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TellBinding notes how the organ of a subscription is bound. bound lacks the Events, which are taken from the identities of all
// events by their names. The binding stays the same pointer until it changes.
func TellBinding(told *atomic.Pointer[contract.Binding], bound contract.Binding, sub *contract.Subscription, identities map[string]string) {
	bound.Events = map[string]string{}
	for _, list := range [][]*contract.EventType{sub.Events, sub.Emits} {
		for _, event := range list {
			if id := identities[event.Name]; id != "" {
				bound.Events[event.Name] = id
			}
		}
	}
	if old := told.Load(); old == nil || !sameBinding(old, &bound) {
		told.Store(&bound)
	}
}

func sameBinding(a, b *contract.Binding) bool {
	return a.Identity == b.Identity && a.Order == b.Order && a.Exclusive == b.Exclusive && a.Lanes == b.Lanes && maps.Equal(a.Events, b.Events)
}
