package envelope

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// MaxCount bounds stored counts. It leaves room to count on.
const MaxCount = 1 << 30

// Fields reads the elements of an envelope one after the other; after an error, zero values. Texts are views of Rest.
type Fields struct {
	Rest string // what is not read yet
	Err  error  // the first error
}

// Number reads an integer from 0 to most: nothing that is stored may be less, and what computes
// with it relies on that.
func (f *Fields) Number(what string, most int64) (v int64) {
	if f.Err == nil {
		f.Rest, f.Err = wire.ReadInt64(f.Rest, &v)
	}
	if f.Err == nil && (v < 0 || v > most) {
		f.Err = fmt.Errorf("%s %d, want 0 to %d", what, v, most)
	}
	if f.Err != nil {
		return 0
	}
	return v
}

// Count reads an integer from 0 to MaxCount.
func (f *Fields) Count(what string) int32 { return int32(f.Number(what, MaxCount)) }

// Text views a string or bytes. The nil that stands for no string is an empty one.
func (f *Fields) Text() (v string) {
	if f.Err == nil {
		f.Rest, f.Err = wire.ReadString(f.Rest, &v)
	}
	return v
}

// ReadID leaves the id as it is when nil stands for it.
func (f *Fields) ReadID(id *contract.ID) {
	if f.Err == nil && wire.IsNil(f.Rest) {
		f.Skip()
		return
	}
	v := f.Text()
	if f.Err == nil && len(v) != len(id) {
		f.Err = fmt.Errorf("an id of %d bytes", len(v))
	}
	copy(id[:], v)
}

// Headers reads headers, which are copies.
func (f *Fields) Headers() map[string]string {
	if f.Err != nil || wire.IsNil(f.Rest) {
		f.Skip()
		return nil
	}
	var n int
	if n, f.Rest, f.Err = wire.ReadMapLen(f.Rest); f.Err != nil {
		return nil
	}
	headers := wire.MakeMap[string, string](f.Rest, n)
	for range n {
		k := f.Text()
		headers[string([]byte(k))] = string([]byte(f.Text()))
		if f.Err != nil {
			return nil
		}
	}
	return headers
}

// Skip passes over one element.
func (f *Fields) Skip() {
	if f.Err == nil {
		f.Rest, f.Err = wire.Skip(f.Rest)
	}
}
