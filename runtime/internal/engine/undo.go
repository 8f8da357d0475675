package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A command whose event names an undo is emitted together with that undo: the handler returns both, the command goes out with
// the step, and the undo stays in the record of the key, encoded. A handler that compensates emits what is kept, the last one
// first, in its own step, which also takes it out of the record:
//
//	emitted with its undo ---> kept ---the handler compensates---> emitted
//	                                \---the record ends---> gone: there is nothing to take back
//
// Command and undo have one key, so that an organ that keeps the order of a key handles the undo behind its command, also where
// the command has not been handled when the saga turns back.

// keptUndo is an undo in a record.
type keptUndo struct {
	event   string // its name when it was kept
	version uint64
	payload []byte
}

var (
	errEndsWithUndos = errors.New("the handler ends the record and keeps an undo in it: do one of them")
	errKeepsAndTurns = errors.New("the handler keeps an undo and compensates: what it emits now would be taken back in one step with it, so do one of them")
	errNoUndoEvent   = errors.New("the handler keeps an undo that is no event: generate its code again")
)

// addUndos makes the undos of a handler known to the organ under all their names, with all their versions, so that what an
// earlier release has kept is emitted by this one.
func (o *Organ) addUndos(types []*contract.EventType) {
	if o.undos == nil && len(types) > 0 {
		o.undos = map[nameVersion]*contract.EventType{}
	}
	for _, t := range types {
		for version := t; version != nil; version = version.Previous {
			for _, name := range append([]string{version.Name}, version.Aliases...) {
				o.undos[nameVersion{name, version.Version}] = version
			}
		}
	}
}

// UndoTypes returns the events that the organ emits when it compensates.
func (o *Organ) UndoTypes() (types []*contract.EventType) {
	for _, r := range o.indexed {
		for _, t := range r.Undos {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

// CheckUndos refuses a handler that keeps undos or compensates, and takes no state. All routes are added by now.
func (o *Organ) CheckUndos() error {
	for _, r := range o.indexed {
		if (len(r.Undos) > 0 || r.Compensates) && !r.State {
			return fmt.Errorf("handler %s keeps undos or compensates, and takes no state: was its code generated?", r.Method)
		}
	}
	return nil
}

// checkUndosKnown returns which undo of a record this program does not know. A record that cannot be read is left to the handler's
// failure.
func (o *Organ) checkUndosKnown(record contract.StateRecord) error {
	parts, _, _ := splitRecord(record.Value)
	for _, u := range parts.undos {
		if o.typeOfUndo(u) == nil {
			return fmt.Errorf("the record of its key keeps the undo %s version %d, which this program does not know", u.event, u.version)
		}
	}
	return nil
}

// typeOfUndo returns the type that an undo is encoded in, or nil when this program does not know it.
func (o *Organ) typeOfUndo(u keptUndo) *contract.EventType {
	return o.undos[nameVersion{u.event, int(u.version)}]
}

// needsUndos reports whether a handler may emit a command that names an undo.
func needsUndos(spec *contract.Route) bool {
	return slices.ContainsFunc(spec.Emits, func(t *contract.EventType) bool { return t.Undo != "" })
}

// undoKey is what a command and its undo have alike.
type undoKey struct{ undo, key string }

// checkUndos wants an undo beside each command that names one, under the same key, and no delay of the command: the undo of a saga
// that turns back meanwhile would come first.
func checkUndos(out *contract.Emissions) error {
	kept := map[undoKey]int{}
	for _, u := range out.Undos {
		if u != nil && u.NecroEvent().Is(u) {
			for _, name := range append([]string{u.NecroEvent().Name}, u.NecroEvent().Aliases...) {
				kept[undoKey{name, keyOf(u)}]++
			}
		}
	}
	for i, e := range out.Events {
		t := e.NecroEvent()
		if t.Undo == "" || !t.Is(e) {
			continue
		}
		k := undoKey{t.Undo, keyOf(e)}
		if envelope := out.EnvelopeOf(i); envelope != nil {
			if envelope.After > 0 || !envelope.At.IsZero() {
				return fmt.Errorf("emission %d: %s has a delay and an undo, which could come before it: start a timer, and emit the command when that fires", i, t.Name)
			}
			k.key = cmp.Or(envelope.Key, k.key)
		}
		if kept[k]--; kept[k] < 0 {
			return fmt.Errorf("emission %d: %s with the key %q has no undo: return a necro.Undo of %s with that key beside each of them", i, t.Name, k.key, t.Undo)
		}
	}
	return nil
}

// keyOf returns the key of an event; empty for one without.
func keyOf(e contract.Event) string {
	if key := e.NecroEvent().Key; key != nil {
		return key(e)
	}
	return ""
}

// leaveUndos brings the undos of the record to what they are behind a call of a handler, and notes what it emits of them.
func (w *worker) leaveUndos(r *Route, parts *recordParts) error {
	switch out := &w.out; {
	case len(out.Undos) > 0 && out.Ends:
		return errEndsWithUndos
	case len(out.Undos) > 0 && out.Compensates:
		return errKeepsAndTurns
	case out.Compensates:
		return w.takeUndos(parts)
	}
	for _, e := range w.out.Undos {
		u, err := encodeUndo(r, e)
		if err != nil {
			return err
		}
		parts.undos = append(parts.undos, u)
	}
	if len(w.out.Undos) > 0 {
		return w.organ.checkUndoRoom(parts.undos)
	}
	return nil
}

// encodeUndo returns an undo as the record keeps it.
func encodeUndo(r *Route, e contract.Event) (u keptUndo, err error) {
	if e == nil {
		return u, errNoUndoEvent
	}
	t := e.NecroEvent()
	if !slices.Contains(r.Undos, t) {
		return u, fmt.Errorf("%s is not among the undos that %s may keep: generate its code again", t.Name, r.Method)
	}
	if !t.Is(e) {
		return u, fmt.Errorf("%T is nil or only embeds the undo %s", e, t.Name)
	}
	if err = e.Validate(); err != nil {
		return u, fmt.Errorf("the undo %s: %w", t.Name, err)
	}
	u = keptUndo{event: t.Name, version: uint64(t.Version)}
	if u.payload, err = e.AppendMsgpack(nil); err != nil {
		return u, fmt.Errorf("encode the undo %s: %w", t.Name, err)
	}
	return u, nil
}

// checkUndoRoom refuses to keep more than one call may emit later. Half of the bytes are left to keys and headers.
func (o *Organ) checkUndoRoom(undos []keptUndo) error {
	size := int64(0)
	for _, u := range undos {
		size += int64(len(u.payload))
	}
	if g := o.engine; len(undos) > g.EmitLimit || g.Encodes && size > g.EmitBytes/2 {
		return fmt.Errorf("the record keeps %d undos of %d bytes, and one call emits them all: %d of %d bytes are the limit", len(undos), size, g.EmitLimit, g.EmitBytes/2)
	}
	return nil
}

// takeUndos takes all undos out of the record, and notes them as emissions, the last one first.
func (w *worker) takeUndos(parts *recordParts) error {
	for _, u := range slices.Backward(parts.undos) {
		e, err := w.organ.decodeUndo(u)
		if err != nil {
			return fmt.Errorf("the undo %s version %d: %w", u.event, u.version, err)
		}
		w.step.undone = append(w.step.undone, e)
	}
	parts.undos = nil
	return nil
}

// decodeUndo returns a kept undo in its newest version.
func (o *Organ) decodeUndo(u keptUndo) (contract.Event, error) {
	t := o.typeOfUndo(u)
	if t == nil {
		return nil, errors.New("this program does not know it")
	}
	e := t.New()
	rest, err := e.ReadMsgpack(u.payload)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the event", len(rest))
	}
	for err == nil && e.NecroEvent().Upcast != nil {
		e, err = e.NecroEvent().Upcast(e)
	}
	return e, err
}

// addUndo adds an event that takes back a command, of which the ordinal is how many were kept behind it.
func (c *callOutput) addUndo(e contract.Event, ordinal int) error {
	m, t := c.addMessage(), e.NecroEvent()
	seed := c.bound.undoSeed(c.route, t)
	if err := c.route.fillEnvelope(m, c.from, e, t, contract.DeriveID(c.from.ID, seed, uint64(ordinal))); err != nil {
		return fmt.Errorf("the undo %s: %w", t.Name, err)
	}
	if err := c.organ.engine.CheckKey(m); err != nil {
		return err
	}
	return c.storeMessage(m, c.own)
}
