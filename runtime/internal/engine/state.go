package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Bounds of the records that an organ keeps in memory. Past one of them some are let go, which costs a call of LoadStates
// when their keys come again.
const (
	maxCachedRecords = 1 << 16
	maxCachedBytes   = 16 << 20
)

// stateCache holds records of an organ with state: for each key what the last handler left, which may not be settled yet.
//
// A cached record needs not be the stored one, because the mark that each write names makes sure of that: a step that ran
// on another record than the stored one is a conflict, and nothing of it happens. So what the cache has to do is to be
// right mostly, and to let no later delivery of a key run as long as an earlier one of it has to run again:
//
//	known ---an outcome of the key is not applied---> broken ---what the batch has of it is back---> unknown
//
// While a key is broken its deliveries are passed over, and go back behind the one that has to run again.
//
// The workers write what their handlers left, and whoever settles breaks keys. mu guards all fields. At most one delivery
// of a key runs at a time, so two workers never write the same key.
type stateCache struct {
	mu      sync.Mutex
	records map[string]*cachedRecord
	bytes   int // of keys and values
	broken  int // keys that are
}

// cachedRecord is the record of a key, as far as this process knows it. Its fields are guarded by the mutex of the
// cache. A record that is not known is loaded before the next delivery of its key runs. A broken key keeps its entry,
// also when room is needed, until mendKeys takes it away: only then may a delivery of the key run again.
type cachedRecord struct {
	contract.StateRecord
	known  bool
	broken bool
}

// findRecord returns the record of a key. broken says that no delivery of the key may run now.
func (c *stateCache) findRecord(key string) (record contract.StateRecord, known, broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.records[key]; r != nil {
		return r.StateRecord, r.known, r.broken
	}
	return record, false, false
}

// keepRecord notes the record of a key. A size changes by the difference alone, because the key was counted when its
// entry was made.
func (c *stateCache) keepRecord(key string, record contract.StateRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.entryOf(key)
	c.bytes += len(record.Value) - len(r.Value)
	r.StateRecord, r.known = record, true
	if c.isFull() {
		c.makeRoom(key)
	}
}

// isFull reports whether the cache is past one of its bounds. The caller holds mu.
func (c *stateCache) isFull() bool {
	return len(c.records) > maxCachedRecords || c.bytes > maxCachedBytes
}

// makeRoom forgets other keys than this one until the cache is within its bounds. The caller holds mu. A forgotten
// record costs another load, and nothing else: the backend has every record that was settled.
func (c *stateCache) makeRoom(key string) {
	for other, r := range c.records { // in random order
		if !c.isFull() {
			return
		}
		if other != key && !r.broken {
			c.removeRecord(other, r)
		}
	}
}

// entryOf returns the entry of a key, and makes an empty one when there is none. The caller holds mu.
func (c *stateCache) entryOf(key string) *cachedRecord {
	r := c.records[key]
	if r == nil {
		if c.records == nil {
			c.records = map[string]*cachedRecord{}
		}
		r = &cachedRecord{}
		c.records[key] = r
		c.bytes += len(key)
	}
	return r
}

// removeRecord forgets all that is known of a key. The caller holds mu.
func (c *stateCache) removeRecord(key string, r *cachedRecord) {
	c.bytes -= len(key) + len(r.Value)
	delete(c.records, key)
}

// breakKey lets no delivery of a key run until the key is mended. It is called when an outcome of the key was not
// applied, because the deliveries behind it have seen a state that does not exist.
func (c *stateCache) breakKey(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.entryOf(key); !r.broken {
		r.broken = true
		c.broken++
	}
}

// mendKeys lets the records of deliveries' keys be loaded again, and reports whether any of them was broken.
func (c *stateCache) mendKeys(ds []contract.Delivery) (any bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := 0; i < len(ds) && c.broken > 0; i++ {
		if r := c.records[ds[i].Key]; r != nil && r.broken {
			any = true
			c.broken--
			c.removeRecord(ds[i].Key, r)
		}
	}
	return any
}

// forgetRecord lets the record of a key be loaded again, because another process may have changed it.
func (c *stateCache) forgetRecord(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.records[key]; r != nil && !r.broken {
		c.removeRecord(key, r)
	}
}

// clearRecords forgets everything: another process may have run the organ since.
func (c *stateCache) clearRecords() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records, c.bytes, c.broken = nil, 0, 0
}

// keepsState reports whether the organ has state.
func (o *Organ) keepsState() bool { return o.Spec.State != nil }

// readiness says whether a delivery of an organ with state can run.
type readiness int

const (
	ready       readiness = iota
	heldBack              // an earlier delivery of its key has to run again
	notReadable           // the run ends before the record could be loaded
)

// openRecord finds the record for the delivery at index i of the batch. What the batch needs of records that are not
// cached is loaded in one call.
func (w *worker) openRecord(i int) (record contract.StateRecord, r readiness) {
	key := w.batch.Deliveries()[i].Key
	for {
		record, known, broken := w.organ.states.findRecord(key)
		switch {
		case broken:
			return record, heldBack
		case known:
			return record, ready
		case !w.organ.loadRecords(w.run, w.missingKeys(i)):
			return record, notReadable
		}
	}
}

// missingKeys returns the keys from index i of the batch on whose records are not cached, so many at most as the cache
// holds easily.
func (w *worker) missingKeys(i int) (keys []string) {
	ds := w.batch.Deliveries()[i:]
	seen := map[string]bool{}
	for j := range ds {
		key := ds[j].Key
		if r, _ := w.organ.findRoute(&ds[j]); key == "" || seen[key] || j > 0 && (r == nil || !r.State) {
			continue // the first one is wanted, also for a give-up handler
		}
		seen[key] = true
		if _, known, _ := w.organ.states.findRecord(key); !known {
			keys = append(keys, key)
		}
	}
	return keys
}

// loadRecords puts the records of keys into the cache. It repeats a call that failed, until the run is told to stop.
func (o *Organ) loadRecords(r *Run, keys []string) bool {
	for !r.stopping.Load() {
		records, err := o.engine.States.LoadStates(r.Fetching, o.Name, keys)
		if err == nil && len(records) != len(keys) {
			err = fmt.Errorf("the backend has %d records for %d keys", len(records), len(keys))
		}
		if err == nil {
			r.engine.Calls.NoteSuccess("load states", o.Name)
			for i, key := range keys {
				o.states.keepRecord(key, records[i])
			}
			return true
		}
		if !r.NoteFailedCall(r.Fetching, "load states", o.Name, err) {
			return false
		}
	}
	return false
}

// typeOfRecord returns the type that a record is encoded in, or nil when this program does not know it. A key without a
// record has the newest.
func typeOfRecord(newest *contract.StateType, record contract.StateRecord) *contract.StateType {
	t := newest
	for record.Mark != 0 && t != nil && t.Version != record.Version {
		t = t.Previous
	}
	return t
}

// DecodeState returns the value of a record in the newest version of a state, which is the zero value where there is no
// record. It runs code of users.
func DecodeState(newest *contract.StateType, record contract.StateRecord) (contract.State, error) {
	if record.Mark == 0 {
		return newest.New(), nil
	}
	t := typeOfRecord(newest, record)
	if t == nil {
		return nil, fmt.Errorf("this program does not know version %d of the state %s: a newer release has written it, so read it with that one", record.Version, newest.Name)
	}
	s := t.New()
	_, value, err := splitRecord(record.Value)
	if err != nil {
		return nil, err
	}
	rest, err := s.ReadMsgpack(value)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the state", len(rest))
	}
	if err != nil {
		return nil, fmt.Errorf("decode the state %s: %w", t.Name, err)
	}
	for s.NecroState() != newest {
		up := s.NecroState().Upcast
		if up == nil {
			return nil, fmt.Errorf("the state %s version %d has no upcast to a newer version: generate the code of its package again", t.Name, s.NecroState().Version)
		}
		if s, err = up(s); err != nil {
			return nil, fmt.Errorf("upcast the state %s from version %d: %w", t.Name, t.Version, err)
		}
	}
	return s, nil
}

// openState gives the handler a value of its own to change.
func (w *worker) openState() *failure {
	s, err := DecodeState(w.organ.Spec.State, w.record)
	if err != nil {
		return permanentFailure(contract.ReasonState, err)
	}
	w.out.State = s
	return nil
}

// closeState notes the write that stores what the handler has made of the record, and in w.step what it emits because of that.
func (w *worker) closeState(r *Route, d *contract.Delivery, bound *boundOrgan) *failure {
	write := &w.write
	*write = contract.StateWrite{Read: w.record.Mark}
	parts, _, err := splitRecord(w.record.Value)
	if err != nil {
		return permanentFailure(contract.ReasonState, err)
	}
	if err := errors.Join(w.leaveUndos(r, &parts), w.leaveTimers(r, d, bound, &parts)); err != nil {
		return permanentFailure(contract.ReasonEmission, err)
	}
	if w.out.Ends {
		if startsTimers(&w.out) {
			return permanentFailure(contract.ReasonEmission, errEndsWithTimers)
		}
		return nil
	}
	t := w.organ.Spec.State
	if err := w.out.State.Validate(); err != nil {
		return permanentFailure(contract.ReasonState, fmt.Errorf("the handler has left an invalid state: %w", err))
	}
	value, err := w.out.State.AppendMsgpack(parts.appendTo(make([]byte, 0, len(w.record.Value)+16)))
	if err != nil {
		return permanentFailure(contract.ReasonState, fmt.Errorf("encode the state %s: %w", t.Name, err))
	}
	for write.Write == 0 {
		write.Write = rand.Uint64()
	}
	write.Version, write.Value, write.TTL = t.Version, value, t.TTL
	if len(parts.undos) > 0 {
		write.TTL = 0 // what was done has still to be taken back, or to end with the record
	}
	return nil
}

// recordOf is the record that a write leaves.
func recordOf(w *contract.StateWrite) contract.StateRecord {
	if w.Write == 0 {
		return contract.StateRecord{}
	}
	return contract.StateRecord{Mark: w.Write, Version: w.Version, Value: w.Value}
}

// checkKnown returns what this program does not know of a record that a handler needs: the version of its state, the form of the
// record, or an undo that the handler may emit.
func (o *Organ) checkKnown(r *Route, record contract.StateRecord) error {
	if newest := o.Spec.State; typeOfRecord(newest, record) == nil {
		return fmt.Errorf("the state of its key is in version %d of %s, which this program does not know: it knows up to %d", record.Version, newest.Name, newest.Version)
	}
	if v := record.Value; len(v) > 1 && v[0] == recordMark && v[1] != recordForm {
		return errRecordForm
	}
	if r.Compensates || r.giveUp != nil && r.giveUp.Compensates {
		return o.checkUndosKnown(record)
	}
	return nil
}

// declineState returns the outcome of a delivery whose record this program does not know. It waits for a program that does, as
// one with an unknown event.
func (o *Organ) declineState(d *contract.Delivery, err error) (contract.Outcome, *failure) {
	outcome, last := o.declineFor(d, err)
	if last == nil {
		last = permanentFailure(contract.ReasonUnknownType, err)
	}
	return outcome, last
}

// errNoKey is the failure of a delivery without a key, in a handler with state.
var errNoKey = errors.New("the event has no key, and the handler keeps its state by key: publish the event with a key")

// noteConflicts breaks the keys of outcomes that were not applied, and returns the deliveries that have to run again. An
// outcome that the backend has left may count among the former: then its key is loaded again.
func (o *Organ) noteConflicts(outcomes []contract.Outcome, results []result, settled contract.Results) (again []*contract.Delivery) {
	for i := range outcomes {
		if settled.IsApplied(i) {
			continue
		}
		o.states.breakKey(outcomes[i].Delivery.Key)
		if settled.At(i) == contract.ResultConflict {
			again = append(again, outcomes[i].Delivery)
			if f := results[i].failure; f != nil { // its give-up handler runs again, and not the handler
				o.conflicted.keepFailure(outcomes[i].Delivery.ID, f)
			}
		}
	}
	return again
}
