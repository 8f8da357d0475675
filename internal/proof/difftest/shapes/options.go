package shapes

import (
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

// Omitting leaves empty fields out.
//
//necro:event OMITTING
type Omitting struct {
	S      string         `msgpack:"s,omitempty"`
	I      int            `msgpack:"i,omitempty"`
	F      float64        `msgpack:"f,omitempty"`
	B      bool           `msgpack:"b,omitempty"`
	List   []string       `msgpack:"list,omitempty"`
	Map    map[string]int `msgpack:"map,omitempty"`
	Ptr    *Leg           `msgpack:"ptr,omitempty"`
	Leg    Leg            `msgpack:"leg,omitempty"`
	Maybe  Maybe          `msgpack:"maybe,omitempty"`
	At     time.Time      `msgpack:"at,omitempty"`
	AtPtr  *time.Time     `msgpack:"at_ptr,omitempty"`
	For    time.Duration  `msgpack:"for,omitempty"`
	Data   []byte         `msgpack:"data,omitempty"`
	Arr    [2]int         `msgpack:"arr,omitempty"`
	None   [0]int         `msgpack:"none,omitempty"`
	Always string         `msgpack:"always"`
	Cost   other.Amount   `msgpack:"cost,omitempty"`
}

// Maybe is empty when both of its fields are.
type Maybe struct {
	A string    `msgpack:"a,omitempty"`
	B []int     `msgpack:"b,omitempty"`
	C time.Time `msgpack:",omitempty"`
}

// AllOmitted has omitempty for all fields.
//
//necro:event ALL_OMITTED
type AllOmitted struct {
	_msgpack struct{} `msgpack:",omitempty"`
	A        string
	B        int `msgpack:"b"`
	C        *int
}

// Many has more fields than a word has bits.
//
//necro:event MANY
type Many struct {
	A00, A01, A02, A03, A04, A05, A06, A07, A08, A09 int8
	A10, A11, A12, A13, A14, A15, A16, A17, A18, A19 int8
	A20, A21, A22, A23, A24, A25, A26, A27, A28, A29 int8
	A30, A31, A32, A33, A34, A35, A36, A37, A38, A39 int8
	A40, A41, A42, A43, A44, A45, A46, A47, A48, A49 int8
	A50, A51, A52, A53, A54, A55, A56, A57, A58, A59 int8
	A60, A61, A62, A63, A64, A65, A66, A67, A68, A69 int8
}
