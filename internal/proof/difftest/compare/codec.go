package compare

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	necro "github.com/necrostack/necrogen/runtime"
)

// Empty returns a new event of the same type.
func Empty(e necro.Event) necro.Event {
	return reflect.New(reflect.TypeOf(e).Elem()).Interface().(necro.Event)
}

// ErrUnwritten says that the reference does not write a value: it asks for a marshaler of the pointer to a map's
// element, which has no address; or it panics at values that reflection may not look into.
var ErrUnwritten = errors.New("the reference does not write it")

// ErrUnread says that the reference does not read its own bytes: it panics at nil where a struct reads itself,
// and at fields that reflection may not set.
var ErrUnread = errors.New("the reference does not read it")

// encodeReference encodes as the reference does, with the sorting that it has.
func encodeReference(e necro.Event, set func(*msgpack.Encoder)) ([]byte, error) {
	var buf bytes.Buffer
	enc := msgpack.NewEncoder(&buf)
	enc.SetSortMapKeys(true)
	if set != nil {
		set(enc)
	}
	err := catchPanic(func() error { return enc.Encode(e) })
	switch {
	case err == nil:
		return buf.Bytes(), nil
	case errors.Is(err, errPanic):
		return nil, errors.Join(ErrUnwritten, err)
	case strings.Contains(err.Error(), "non-addressable"):
		return nil, ErrUnwritten
	}
	return nil, fmt.Errorf("the reference does not write %+v: %w", e, err)
}

// Encode holds the bytes of a value against the reference's, and returns them.
func Encode(e necro.Event) ([]byte, error) {
	unsorted, err := encodeReference(e, nil)
	if errors.Is(err, errPanic) {
		return nil, ErrUnwritten // a method of the user's may panic here, too
	} else if err != nil && !errors.Is(err, ErrUnwritten) {
		return nil, err
	}
	got, wrong := e.AppendMsgpack([]byte("before"))
	if wrong != nil {
		return nil, fmt.Errorf("encoding %+v: %w", e, wrong)
	}
	got, ok := bytes.CutPrefix(got, []byte("before"))
	if !ok {
		return nil, fmt.Errorf("%+v: what stood before it is gone", e)
	}
	if err != nil {
		return nil, err
	}
	want, err := sortEntries(unsorted, reflect.TypeOf(e).Elem())
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(got, want) {
		return nil, fmt.Errorf("%+v\ngot  % x\nwant % x", e, got, want)
	}
	return got, nil
}

// unmarshalReference reads as the reference does, which panics where reflection may not set a field.
func unmarshalReference(b []byte, v any) error {
	return catchPanic(func() error { return msgpack.Unmarshal(b, v) })
}

// decodeDirty reads into a value that holds something else, which must not show.
func decodeDirty(e necro.Event, b []byte, r *Random) (necro.Event, error) {
	got := r.Fresh(e)
	rest, err := got.ReadMsgpack(append(bytes.Clone(b), "rest"...))
	if err != nil {
		return nil, fmt.Errorf("%w: % x", err, b)
	}
	if string(rest) != "rest" {
		return nil, fmt.Errorf("rest is %q of % x", rest, b)
	}
	return got, nil
}

// Decode reads the bytes of a value, as the reference reads them, and writes the value again, which need not
// give the same bytes: a pointer to a nil slice is read as nil, and omitempty leaves it out.
func Decode(e necro.Event, b []byte, r *Random) error {
	got, err := decodeDirty(e, b, r)
	if err != nil {
		return err
	}
	want := Empty(e)
	if err := unmarshalReference(b, want); errors.Is(err, errPanic) {
		return ErrUnread
	} else if err != nil {
		return fmt.Errorf("the reference does not read % x: %w", b, err)
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("% x\ngot  %+v\nwant %+v", b, got, want)
	}
	_, err = Encode(got)
	return err
}

// forms are what the reference writes with its options.
var forms = []struct {
	name string
	set  func(*msgpack.Encoder)
}{
	{"compact ints", func(e *msgpack.Encoder) { e.UseCompactInts(true) }},
	{"compact", func(e *msgpack.Encoder) { e.UseCompactInts(true); e.UseCompactFloats(true) }},
	{"arrays", func(e *msgpack.Encoder) { e.UseArrayEncodedStructs(true) }},
}

// Forms reads what the reference writes for a value with its options, as the reference reads
// it, and returns how many of them it does read: it fails at its own compact float32.
func Forms(e necro.Event, r *Random) (n int, err error) {
	for _, form := range forms {
		b, err := encodeReference(e, form.set)
		if err != nil {
			return n, err
		}
		want := Empty(e)
		if err := unmarshalReference(b, want); err != nil {
			continue
		}
		n++
		got, err := decodeDirty(e, b, r)
		if err != nil {
			return n, fmt.Errorf("%s: %w", form.name, err)
		}
		if !reflect.DeepEqual(got, want) {
			return n, fmt.Errorf("%s: % x\ngot  %+v\nwant %+v", form.name, b, got, want)
		}
	}
	return n, nil
}

// Truncated cuts an encoding at every byte: an error, and no panic.
func Truncated(e necro.Event, b []byte) error {
	for i := range b {
		if _, err := Empty(e).ReadMsgpack(b[:i:i]); err == nil {
			return fmt.Errorf("no error at %d of % x", i, b)
		}
	}
	return nil
}
