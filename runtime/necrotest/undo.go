package necrotest

import (
	"context"
	"slices"

	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Kept returns the undos of one type that the record of the event's key keeps now, in the order in which they were kept. A
// handler that returns necro.Compensate emits them, the last one first.
func Kept[X any, P event[X]](f *Fed) []*X {
	f.t.Helper()
	records, err := f.r.LoadStates(context.Background(), f.organ, []string{f.key})
	if err != nil {
		f.t.Fatalf("necrotest: %v", err)
	}
	t := P(nil).NecroEvent()
	var kept []*X
	for _, u := range engine.UndosIn(records[0].Value) {
		if u.Version != t.Version || u.Name != t.Name && !slices.Contains(t.Aliases, u.Name) {
			continue
		}
		x := new(X)
		if _, err := P(x).ReadMsgpack(u.Payload); err != nil {
			f.t.Fatalf("necrotest: the undo %s: %v", u.Name, err)
		}
		kept = append(kept, x)
	}
	return kept
}
