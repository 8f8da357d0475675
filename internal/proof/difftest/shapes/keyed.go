package shapes

import (
	"net/netip"
	"time"
)

// Keyed has maps with keys of every kind.
//
//necro:event KEYED
type Keyed struct {
	Int    map[int]int
	I8     map[int8]string
	I16    map[int16]bool
	I32    map[int32][]int
	I64    map[int64]Leg
	U      map[uint]*Leg
	U8     map[uint8]int
	U16    map[uint16]map[uint16]int
	U32    map[uint32]time.Time
	U64    map[uint64]time.Duration
	F32    map[float32]int
	F64    map[float64]string
	Bool   map[bool]int
	Count  map[Count]Small
	Pause  map[time.Duration]int
	Day    map[time.Weekday]int
	Bytes  map[[3]byte]int
	Four   map[[2]string]int
	Floats map[[2]float64]int
	Pair   map[Pair]int
	Deep   map[Pair]map[bool]map[string]map[int][]string
	Named  Index
}

// KeyedOwn has maps with keys that encode themselves, and values of any type.
//
//necro:event KEYED_OWN
type KeyedOwn struct {
	Addr  map[netip.Addr]int
	Color map[Color]int
	UUID  map[UUID]Pair
	U64   map[uint64]any
	Any   map[int]map[string]any
}

// Index is a named map.
type Index map[Count]map[Text]Ratio

// Pair is comparable.
type Pair struct {
	Left  Text
	Right int16
}
