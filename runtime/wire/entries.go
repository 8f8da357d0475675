package wire

import (
	"bytes"
	"slices"
	"sync"
)

// Entries puts the entries of a map in the order of their encoded keys, for keys that are
// neither strings nor numbers. They are written in any order first.
//
//	es := wire.OpenEntries(b)
//	for k, x := range v.Pairs {
//		b = …   // the key
//		es.Key(b)
//		b = …   // the value
//		es.End(b)
//	}
//	b, err = es.Sort(b)
type Entries struct {
	start int    // where the first entry begins
	list  []span // in the order in which they were written
	from  span   // the entry that is being written
	spare []byte
}

// span is where an entry stands.
type span struct{ key, value, end int }

var entriesPool = sync.Pool{New: func() any { return new(Entries) }}

// OpenEntries begins the entries of a map at the end of b.
func OpenEntries(b []byte) *Entries {
	e := entriesPool.Get().(*Entries)
	e.start, e.from, e.list = len(b), span{key: len(b)}, e.list[:0]
	return e
}

// Key is called after a key was appended.
func (e *Entries) Key(b []byte) { e.from.value = len(b) }

// End is called after a value was appended.
func (e *Entries) End(b []byte) {
	e.from.end = len(b)
	e.list = append(e.list, e.from)
	e.from = span{key: len(b)}
}

// Sort orders the entries, which are the end of b. Two keys that are different values but
// written in the same way are an error: read again they would be one.
func (e *Entries) Sort(b []byte) ([]byte, error) {
	defer entriesPool.Put(e)
	compare := func(x, y span) int { return bytes.Compare(b[x.key:x.value], b[y.key:y.value]) }
	if slices.IsSortedFunc(e.list, compare) {
		return b, e.refuseDuplicates(b)
	}
	slices.SortFunc(e.list, compare)
	if err := e.refuseDuplicates(b); err != nil {
		return nil, err
	}
	e.spare = append(e.spare[:0], b[e.start:]...)
	at := e.start
	for _, s := range e.list {
		at += copy(b[at:], e.spare[s.key-e.start:s.end-e.start])
	}
	return b, nil
}

// refuseDuplicates returns an error when two neighbours of the sorted list have the same key.
func (e *Entries) refuseDuplicates(b []byte) error {
	for i := 1; i < len(e.list); i++ {
		x, y := e.list[i-1], e.list[i]
		if bytes.Equal(b[x.key:x.value], b[y.key:y.value]) {
			return &Error{Problem: "two keys are written in the same way"}
		}
	}
	return nil
}
