package foreign

import (
	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/runtime/wire"
)

// Empty reports whether omitempty leaves out a field of an interface type that holds v, as the
// reference codec judges it: by what the interface holds.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	omitted := false
	err := wire.Call("own encoding", func() error {
		field := struct {
			V any `msgpack:",omitempty"`
		}{v}
		b, err := msgpack.Marshal(&field)
		omitted = len(b) == 1
		return err
	})
	return err == nil && omitted
}
