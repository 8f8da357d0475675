package shapes

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

// Types with rules that encode themselves, or that rules see through.
type (
	// Tracking describes itself by String.
	Tracking [16]byte
	// Stamp is a time by another name.
	Stamp time.Time
	// Score is a number that is written as text.
	Score int16
	// Word is a text that is written as text.
	Word string
	// Priced has rules, and is written as text.
	Priced struct {
		Units int    `validate:"gte=0"`
		Unit  string `validate:"omitempty,oneof=EUR USD"`
	}
	// Kept stands only in fields that are left out of the encoding.
	Kept struct {
		Name  string `validate:"omitempty,alpha"`
		Inner []Leg  `validate:"dive"`
	}
	// Chain has rules, and holds itself.
	Chain struct {
		Name string  `msgpack:"name" validate:"required,max=3"`
		Next *Chain  `msgpack:"next"`
		More []Chain `msgpack:"more" validate:"max=2,dive"`
	}
	// Ruler is generic, and has rules.
	Ruler[T any] struct {
		Mark T      `msgpack:"mark" validate:"required"`
		Unit string `msgpack:"unit" validate:"oneof=a abc"`
	}
)

func (t Tracking) String() string {
	h := hex.EncodeToString(t[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// MarshalText writes the time.
func (s Stamp) MarshalText() ([]byte, error) { return time.Time(s).MarshalText() }

// UnmarshalText reads the time.
func (s *Stamp) UnmarshalText(b []byte) error { return (*time.Time)(s).UnmarshalText(b) }

// MarshalText writes the number.
func (s Score) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(s), 10), nil }

// UnmarshalText reads the number.
func (s *Score) UnmarshalText(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 16)
	*s = Score(n)
	return err
}

// MarshalText writes the text.
func (w Word) MarshalText() ([]byte, error) { return []byte(w), nil }

// UnmarshalText reads the text.
func (w *Word) UnmarshalText(b []byte) error {
	*w = Word(b)
	return nil
}

// MarshalText writes number and unit.
func (p *Priced) MarshalText() ([]byte, error) {
	return append(strconv.AppendInt(nil, int64(p.Units), 10), " "+p.Unit...), nil
}

// UnmarshalText reads number and unit.
func (p *Priced) UnmarshalText(b []byte) error {
	for i := range b {
		if b[i] == ' ' {
			n, err := strconv.Atoi(string(b[:i]))
			p.Units, p.Unit = n, string(b[i+1:])
			return err
		}
	}
	return strconv.ErrSyntax
}

// Seen has rules on values that others would not see through.
//
//necro:event SEEN
type Seen struct {
	ID     Tracking          `msgpack:"id" validate:"required,uuid4_rfc4122|uuid"`
	IDs    []Tracking        `msgpack:"ids" validate:"unique,dive,uuid4"`
	IDP    *Tracking         `msgpack:"id_p" validate:"omitempty,uuid,ne=3"`
	Stamp  Stamp             `msgpack:"stamp" validate:"required,lt"`
	StampP *Stamp            `msgpack:"stamp_p" validate:"omitempty,gtfield=At"`
	At     time.Time         `msgpack:"at" validate:"eqfield=Stamp"`
	Score  Score             `msgpack:"score" validate:"min=1,max=9,oneof=1 5 9"`
	Word   Word              `msgpack:"word" validate:"required,alpha,max=4,nefield=Text"`
	Text   string            `msgpack:"text"`
	Tags   Tags              `msgpack:"tags" validate:"omitempty,min=1,dive,keys,alpha,endkeys,required"`
	Color  Color             `msgpack:"color" validate:"required,gtefield=Least"`
	Least  int               `msgpack:"least"`
	Level  Level             `msgpack:"level" validate:"lt=200"`
	Priced Priced            `msgpack:"priced"`
	Prices map[string]Priced `msgpack:"prices" validate:"dive"`
	PriceP *Priced           `msgpack:"price_p" validate:"required"`
	JSON   json.RawMessage   `msgpack:"json" validate:"required,json,max=4"`
	Number json.Number       `msgpack:"number" validate:"omitempty,numeric"`
	Big    big.Int           `msgpack:"big" validate:"required"`
	BigP   *big.Int          `msgpack:"big_p" validate:"required"`
	Addr   netip.Addr        `msgpack:"addr" validate:"omitempty,required"`
	AddrP  *netip.Addr       `msgpack:"addr_p" validate:"required_with=Text"`
	URL    *url.URL          `msgpack:"url" validate:"omitempty"`
	Null   sql.NullString    `msgpack:"null" validate:"required_if=Text abc"`

	Any   any            `msgpack:"any" validate:"required"`
	AnyO  any            `msgpack:"any_o" validate:"omitempty,required"`
	AnyN  any            `msgpack:"any_n" validate:"omitnil"`
	AnyD  any            `msgpack:"any_d" validate:"isdefault"`
	AnyW  any            `msgpack:"any_w" validate:"required_with=Any Text,excluded_if=Text abc"`
	AnyP  *any           `msgpack:"any_p" validate:"required"`
	Anys  []any          `msgpack:"anys" validate:"dive,required"`
	AnyM  map[string]any `msgpack:"any_m" validate:"dive,keys,max=3,endkeys,required"`
	Err   error          `msgpack:"err" validate:"required_without=Any"`
	Plain any            `msgpack:"plain"`
	IfAny string         `msgpack:"if_any" validate:"required_with=AnyO,excluded_without=AnyP"`

	Kept   Kept     `msgpack:"-"`
	Keeps  []*Kept  `msgpack:"-" validate:"max=2,dive,required"`
	Chan   chan int `msgpack:"-"`
	Chain  Chain    `msgpack:"chain"`
	ChainP *Chain   `msgpack:"chain_p" validate:"omitempty,structonly"`

	Ruler  Ruler[Text]           `msgpack:"ruler"`
	Rulers []Ruler[other.Amount] `msgpack:"rulers" validate:"dive"`
	Deep   **Leg                 `msgpack:"deep" validate:"required"`
	DeepO  ***string             `msgpack:"deep_o" validate:"omitempty,max=3"`
	Sparse map[string]**Leg      `msgpack:"sparse" validate:"dive,keys,max=3,endkeys"`
	Boxed  struct {
		X int    `msgpack:"x" validate:"gt=0"`
		Y string `msgpack:"y" validate:"eqfield=Z"`
		Z string `msgpack:"z"`
	} `msgpack:"boxed"`
	Boxes []struct {
		A, B int `validate:"max=9"`
	} `msgpack:"boxes" validate:"unique,dive"`

	*Mixin
	NoMix string `msgpack:"no_mix" validate:"required_without=Mixin"`
}

// Mixin is embedded by pointer.
type Mixin struct {
	Mix  string `msgpack:"mix" validate:"max=4"`
	Mix2 int    `msgpack:"mix2" validate:"min=0"`
}

// Stern is embedded by a pointer that must not be nil, because its own rules refuse zero values.
type Stern struct {
	Grave string `msgpack:"grave" validate:"required,max=4"`
}

// Mingled has rules on embedded structs, and alternatives on what may be nil.
//
//necro:event MINGLED
type Mingled struct {
	*Stern     `validate:"required"`
	other.Base `validate:"required_with=Note,required"`
	*Lower     `validate:"omitempty,structonly"`
	Note       string  `msgpack:"note"`
	Leg        Leg     `msgpack:"leg" validate:"required|isdefault"`
	LegP       *Leg    `msgpack:"leg_p" validate:"required|isdefault"`
	LegO       *Leg    `msgpack:"leg_o" validate:"isdefault|required"`
	DefP       *string `msgpack:"def_p" validate:"isdefault|email"`
	LenP       *string `msgpack:"len_p" validate:"len=0|email"`
	WithP      *string `msgpack:"with_p" validate:"required_with=Note|required_without=LegP,omitempty,max=3"`
	Excl       *int    `msgpack:"excl" validate:"excluded_with=Note,required_without=Note"`
	Time       *Stamp  `msgpack:"time" validate:"required_with=Note,omitempty,lt|isdefault"`
	Twice      *[]*Leg `msgpack:"twice" validate:"required_with=Note,omitempty,dive,required_without=Note,omitempty,structonly"`
}

// Nilled has little but embedded pointers, so that values with one that is nil are valid.
//
//necro:event NILLED
type Nilled struct {
	*Mixin
	*Stern `validate:"required"`
	Note   string `msgpack:"note" validate:"required_without=Mixin"`
}
