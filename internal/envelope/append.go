package envelope

import (
	"maps"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// AppendID leaves out an id that goes without saying: it writes nil for it.
func AppendID(b []byte, id, usual contract.ID) []byte {
	if id == usual {
		return wire.AppendNil(b)
	}
	return wire.AppendBytes(b, id[:])
}

// AppendHeaders writes headers in the order of their names, and nil where there are none.
func AppendHeaders(b []byte, headers map[string]string) []byte {
	if len(headers) == 0 {
		return wire.AppendNil(b)
	}
	b = wire.AppendMapLen(b, len(headers))
	for _, k := range slices.Sorted(maps.Keys(headers)) {
		b = wire.AppendString(b, k)
		b = wire.AppendString(b, headers[k])
	}
	return b
}
