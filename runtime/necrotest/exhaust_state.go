package necrotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// stateKey names a record of an organ with state.
type stateKey struct{ organ, key string }

// storedState is what a step has left in a record. Its marks are left out, because they are random. The time in which a record
// ends is left out as well: the runs last differently long.
type storedState struct {
	removed bool
	version int
	value   []byte // its own
}

// newStoredState returns what a write leaves; nil for no write.
func newStoredState(w *contract.StateWrite) *storedState {
	switch {
	case w == nil:
		return nil
	case w.Write == 0:
		return &storedState{removed: true}
	}
	return &storedState{version: w.Version, value: bytes.Clone(w.Value)}
}

// sameAs reports whether two states agree. Nil stands for none.
func (s *storedState) sameAs(o *storedState) bool {
	if s.isGone() || o.isGone() {
		return s.isGone() == o.isGone()
	}
	return s.version == o.version && bytes.Equal(s.value, o.value)
}

func (s *storedState) isGone() bool { return s == nil || s.removed }

// tell describes a state of an organ: its fields as JSON where that can be.
func (s *storedState) tell(t *contract.StateType) string {
	if s.isGone() {
		return "no state"
	}
	for ; t != nil; t = t.Previous {
		if t.Version != s.version {
			continue
		}
		typed := t.New()
		if _, err := typed.ReadMsgpack(engine.StateIn(s.value)); err != nil {
			break
		}
		text, err := json.Marshal(typed)
		if err != nil || string(text) == "{}" {
			text = fmt.Appendf(nil, "%+v", typed)
		}
		return t.Name + " " + string(text)
	}
	return fmt.Sprintf("version %d, bytes %x", s.version, s.value)
}

// stateTypeOf returns the state that an organ keeps; nil for none.
func (r *run) stateTypeOf(organ string) *contract.StateType {
	for _, o := range r.listOrgans() {
		if o.Name == organ {
			return o.State
		}
	}
	return nil
}

// listOtherStates lists the records that are not as the undisturbed run has left them.
func listOtherStates(want, got *run) (lines []string) {
	keys := maps.Clone(want.record.states)
	maps.Copy(keys, got.record.states)
	sorted := slices.SortedFunc(maps.Keys(keys), func(a, b stateKey) int {
		return cmp.Or(cmp.Compare(a.organ, b.organ), cmp.Compare(a.key, b.key))
	})
	for _, k := range sorted {
		w, g := want.record.states[k], got.record.states[k]
		if w.sameAs(g) {
			continue
		}
		t := got.stateTypeOf(k.organ)
		was, is := cutCommonPrefix(w.tell(t), g.tell(t))
		lines = append(lines, fmt.Sprintf("state of %s for key %q: %s\n  instead of: %s", k.organ, k.key, is, was))
	}
	return lines
}

// tellKeys describes the keys of a call.
func tellKeys(keys []string) string { return shortenText(fmt.Sprintf("%q", keys)) }

// result is what a handler has made of a delivery.
type result struct {
	emits []*storedEvent
	state *storedState
}

func (r *result) sameAs(o *result) bool {
	return slices.EqualFunc(r.emits, o.emits, (*storedEvent).sameAs) && r.state.sameAs(o.state)
}

// tell describes a result; of an organ without state the events alone.
func (r *result) tell(t *contract.StateType) string {
	if r.state == nil {
		return tellEvents(r.emits)
	}
	return tellEvents(r.emits) + ", and keeps " + r.state.tell(t)
}
