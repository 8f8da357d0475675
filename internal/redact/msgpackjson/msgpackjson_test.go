package msgpackjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/internal/redact"
	"github.com/necrostack/necrogen/runtime/wire"
)

func packed(t *testing.T, v any) []byte {
	b, err := msgpack.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMasked(t *testing.T) {
	for want, v := range map[string]any{
		`{"password":"***"}`:                          map[string]any{"password": map[string]any{"a": []int{1}}},
		`[{"apiKey":"***"},"redis://u:***@h",1]`:      []any{map[string]any{"apiKey": nil}, "redis://u:p@h", 1},
		`{"redis://u:***@h":1}`:                       map[string]int{"redis://u:p@h": 1},
		`{"1":"\ufffd \"password\":\"***\""}`:         map[int]string{1: "\xff \"password\":\"x\xff\""},
		`{"a":{"$bytes":"AQI="},"iban":"***","z":[]}`: wire.AppendArrayLen(wire.AppendString(wire.AppendString(wire.AppendString(wire.AppendBytes(wire.AppendString(wire.AppendMapLen(nil, 3), "a"), []byte{1, 2}), "iban"), "DE1"), "z"), 0),
	} {
		b, ok := v.([]byte)
		if !ok {
			b = packed(t, v)
		}
		got, err := Masked(b, redact.Default.With("iban"), 1000)
		if want = strings.ReplaceAll(want, `\ufffd`, "\ufffd"); got != want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestCut(t *testing.T) {
	for want, v := range map[string]any{
		`["12345"]`: []string{"12345"},
		`["ééé… (cut, of 11 bytes of MessagePack)`:      []string{"éééé1"},
		`[[[[[[[[[… (cut, of 30 bytes of MessagePack)`:  [][][][][][][][][]string{{{{{{{{{strings.Repeat("a", 20)}}}}}}}}},
		`{"$bytes"… (cut, of 102 bytes of MessagePack)`: make([]byte, 100),
	} {
		if got, err := Masked(packed(t, v), redact.Default, 9); got != want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	long := packed(t, []string{strings.Repeat("a", 1<<20), "b"})
	if got, err := Masked(long, redact.Default, 100); len(got) > 200 || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	for _, bad := range []string{"", "\x92\x01", "\x01\x01", "\xc1"} {
		if got, err := Masked([]byte(bad), redact.Default, 100); err == nil {
			t.Errorf("%q: %s", bad, got)
		}
	}
}

// TestKeysInKeys encodes maps that are keys of maps, whose texts would double in size with each level.
func TestKeysInKeys(t *testing.T) {
	nested := func(depth int) []byte {
		b := bytes.Repeat([]byte{0x81}, depth)
		return append(append(b, 0xa1, '"'), bytes.Repeat([]byte{1}, depth)...)
	}
	secret := append([]byte("\x81\xa8password"), nested(16)...)
	if text, err := Masked(append([]byte("\x82\x01\x02"), secret[1:]...), redact.Default, 1<<10); err != nil || text != `{"1":2,"password":"`+redact.Mask+`"}` {
		t.Errorf("%s, %v", text, err)
	}
	if n := testing.AllocsPerRun(1, func() { Masked(secret, redact.Default, 1<<10) }); n > 50 {
		t.Errorf("%v allocations for a value that is not shown", n)
	}
	if text, err := Encode(nested(3)); err != nil || !json.Valid(text) {
		t.Errorf("%s, %v", text, err)
	}
	if text, err := Encode(nested(16)); err == nil {
		t.Errorf("%d bytes of JSON of a key", len(text))
	}
	if text, err := Masked(nested(16), redact.Default, 1<<16); err != nil || len(text) > 1<<12 {
		t.Errorf("%d bytes of JSON of a key, %v", len(text), err)
	}
}
