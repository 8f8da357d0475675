// Package shapes holds annotated structs of every shape that the codec and the validators
// know. None of them means anything.
package shapes

import (
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

//go:generate go run github.com/necrostack/necrogen/cmd/necrogen

// Named kinds.
type (
	Text   string
	Count  int
	Small  uint8
	Ratio  float32
	Flag   bool
	Blob   []byte
	Raw    []Small
	Labels []Text
	Digest [4]byte
	Grid   [2][3]int16
	Stock  map[Text]Count
	Pause  time.Duration
)

// Scalars has a field of every basic kind.
//
//necro:event SCALARS key=ID
type Scalars struct {
	ID  string
	B   bool    `msgpack:"b"`
	I   int     `msgpack:"i"`
	I8  int8    `msgpack:"i8"`
	I16 int16   `msgpack:"i16"`
	I32 int32   `msgpack:"i32"`
	I64 int64   `msgpack:"i64"`
	U   uint    `msgpack:"u"`
	U8  uint8   `msgpack:"u8"`
	U16 uint16  `msgpack:"u16"`
	U32 uint32  `msgpack:"u32"`
	U64 uint64  `msgpack:"u64"`
	F32 float32 `msgpack:"f32"`
	F64 float64 `msgpack:"f64"`

	At   time.Time     `msgpack:"at"`
	For  time.Duration `msgpack:"for"`
	Data []byte        `msgpack:"data"`

	skipped int      `msgpack:"-"`
	Skipped chan int `msgpack:"-"`
}

// Hidden is there so that the field is used.
func (s *Scalars) Hidden() int { return s.skipped }

// Naming has a field of every named kind.
//
//necro:event NAMING key=N
type Naming struct {
	T      Text `msgpack:"a_name_that_is_longer_than_thirty_one_characters"`
	N      Count
	S      Small
	R      Ratio
	F      Flag
	Blob   Blob
	Raw    Raw
	Labels Labels
	Digest Digest
	Nibble [3]Small
	Grid   Grid
	Stock  Stock
	Pause  Pause
	Cur    other.Currency
}

// Sequences has slices, arrays and maps of many things.
//
//necro:event SEQUENCES
type Sequences struct {
	Strings []string            `msgpack:"strings"`
	Ints    []int               `msgpack:"ints"`
	Bytes   [][]byte            `msgpack:"bytes"`
	Floats  [3]float64          `msgpack:"floats"`
	Times   []time.Time         `msgpack:"times"`
	Nested  [][]string          `msgpack:"nested"`
	Legs    []Leg               `msgpack:"legs"`
	LegPtrs []*Leg              `msgpack:"leg_ptrs"`
	Pair    [2]Leg              `msgpack:"pair"`
	Words   map[string]string   `msgpack:"words"`
	Counts  map[string]int      `msgpack:"counts"`
	LegMap  map[string]Leg      `msgpack:"leg_map"`
	PtrMap  map[string]*Leg     `msgpack:"ptr_map"`
	Lists   map[string][]string `msgpack:"lists"`
	Deep    map[string]map[string]bool
	Maps    []map[string]float32 `msgpack:"maps"`
	Empty   [0]int               `msgpack:"empty"`
	Prices  []other.Amount       `msgpack:"prices"`
}

// Leg is a struct of this package that is no event.
type Leg struct {
	Symbol string  `msgpack:"symbol" validate:"required,max=5"`
	Qty    int     `msgpack:"qty" validate:"min=1,max=100"`
	Price  float64 `msgpack:"price" validate:"gt=0"`
}

// Pointers has pointers to many things.
//
//necro:event POINTERS
type Pointers struct {
	S    *string         `msgpack:"s"`
	I    *int32          `msgpack:"i"`
	F    *float64        `msgpack:"f"`
	B    *bool           `msgpack:"b"`
	T    *Text           `msgpack:"t"`
	At   *time.Time      `msgpack:"at"`
	For  *time.Duration  `msgpack:"for"`
	Leg  *Leg            `msgpack:"leg"`
	Cost *other.Amount   `msgpack:"cost"`
	List *[]string       `msgpack:"list"`
	Map  *map[string]int `msgpack:"map"`
	Arr  *[2]int         `msgpack:"arr"`
	Raw  *[]byte         `msgpack:"raw"`
	Hash *[4]byte        `msgpack:"hash"`
}

// Nesting has nested and embedded structs.
//
//necro:event NESTING
type Nesting struct {
	other.Base
	buried
	Leg     Leg           `msgpack:"leg"`
	Amount  other.Amount  `msgpack:"amount"`
	Invoice other.Invoice `msgpack:"invoice"`
	Scalars *Scalars      `msgpack:"scalars"`
	Tail    string        `msgpack:"tail"`
}

type buried struct {
	Deep   int `msgpack:"deep" validate:"max=9"`
	hidden int `msgpack:"-"`
}

// Nothing has no fields.
//
//necro:event NOTHING output
type Nothing struct{}

// Sum is there so that the field is used.
func (n *Nesting) Sum() int { return n.Deep + n.hidden }
