//go:build node

package difftest

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/testkit/node"
	necro "github.com/necrostack/necrogen/runtime"
)

// exchange sends messages to another implementation of msgpack, @msgpack/msgpack under Node. It
// returns each in words, and as that implementation wrote it again.
func exchange(t *testing.T, messages [][]byte) (inWords []string, again [][]byte) {
	t.Helper()
	var in bytes.Buffer
	for _, m := range messages {
		in.Write(binary.BigEndian.AppendUint32(nil, uint32(len(m))))
		in.Write(m)
	}
	out := node.Run(t, "roundtrip.mjs", in.Bytes())
	for range messages {
		var text, message []byte
		text, out = cutFrame(t, out)
		message, out = cutFrame(t, out)
		inWords, again = append(inWords, string(text)), append(again, message)
	}
	return inWords, again
}

func cutFrame(t *testing.T, b []byte) (frame, rest []byte) {
	t.Helper()
	if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint32(b)) {
		t.Fatal("the answer is too short")
	}
	n := 4 + int(binary.BigEndian.Uint32(b))
	return b[4:n:n], b[n:]
}

// TestNodeReadsMessages: another implementation reads what generated code writes, and generated code reads
// what that one writes. What that one can't keep is only read by it: keys that are no strings,
// and the width of an integer in any.
func TestNodeReadsMessages(t *testing.T) {
	var values []necro.Event
	var messages [][]byte
	s := seeded(t)
	for i, e := range events {
		r := compare.NewRandom(s, uint64(i))
		r.Plain, r.Portable = true, true
		for range *rounds / 10 {
			v := r.Fresh(e)
			b := encode(t, v)
			if text, _ := words(b); !strings.Contains(text, noText) {
				values, messages = append(values, v), append(messages, b)
			}
		}
	}
	inWords, again := exchange(t, messages)
	read := 0
	for i, v := range values {
		if want, _ := words(messages[i]); inWords[i] != want {
			t.Fatalf("%T: % x\ngot  %s\nwant %s", v, messages[i], inWords[i], want)
		}
		if keeps(reflect.TypeOf(v).Elem(), map[reflect.Type]bool{}) {
			sameAgain(t, v, messages[i], again[i])
			read++
		}
	}
	t.Logf("%d values read by @msgpack/msgpack, and %d read as it wrote them", len(values), read)
}

// sameAgain reads both messages, and wants the same value.
func sameAgain(t *testing.T, v necro.Event, ours, theirs []byte) {
	t.Helper()
	want, got := compare.Empty(v), compare.Empty(v)
	if _, err := want.ReadMsgpack(ours); err != nil {
		t.Fatal(err)
	}
	if rest, err := got.ReadMsgpack(theirs); err != nil || len(rest) > 0 {
		t.Fatalf("%T: %v, %d bytes left of % x", v, err, len(rest), theirs)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("% x\ngot  %+v\nwant %+v", theirs, got, want)
	}
}

// keeps says whether JavaScript keeps all that a value of the type holds.
func keeps(typ reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[typ] {
		return true
	}
	seen[typ] = true
	switch typ.Kind() {
	case reflect.Interface:
		return typ.NumMethod() > 0
	case reflect.Map:
		return typ.Key().Kind() == reflect.String && keeps(typ.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return typ != reflect.TypeFor[msgpack.RawMessage]() && keeps(typ.Elem(), seen)
	case reflect.Struct:
		for i := range typ.NumField() {
			if f := typ.Field(i); (f.IsExported() || f.Anonymous) && !keeps(f.Type, seen) {
				return false
			}
		}
	}
	return true
}
