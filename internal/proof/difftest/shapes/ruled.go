package shapes

import (
	"errors"
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

// Ruled has every rule on the kinds that take it.
//
//necro:event RULED
type Ruled struct {
	Required   string            `msgpack:"required" validate:"required"`
	RequiredI  int               `msgpack:"required_i" validate:"required"`
	RequiredF  float64           `msgpack:"required_f" validate:"required"`
	RequiredB  bool              `msgpack:"required_b" validate:"required"`
	RequiredL  []string          `msgpack:"required_l" validate:"required"`
	RequiredM  map[string]string `msgpack:"required_m" validate:"required"`
	RequiredP  *string           `msgpack:"required_p" validate:"required"`
	RequiredT  time.Time         `msgpack:"required_t" validate:"required"`
	RequiredTP *time.Time        `msgpack:"required_tp" validate:"required"`
	RequiredS  Leg               `msgpack:"required_s" validate:"required"`
	RequiredSP *Leg              `msgpack:"required_sp" validate:"required"`
	RequiredA  [2]int            `msgpack:"required_a" validate:"required"`
	RequiredLP *[]int            `msgpack:"required_lp" validate:"required"`

	MinS    string         `msgpack:"min_s" validate:"min=2,max=4"`
	MinI    int            `msgpack:"min_i" validate:"min=-2,max=4"`
	MinI8   int8           `msgpack:"min_i8" validate:"min=-200,max=200"`
	NeverI8 int8           `msgpack:"never_i8" validate:"omitempty,min=200"`
	MinU    uint           `msgpack:"min_u" validate:"min=0,max=0x10"`
	MinF    float64        `msgpack:"min_f" validate:"min=0.5,max=1e3"`
	MinF32  float32        `msgpack:"min_f32" validate:"min=0.1,max=0.3"`
	MinL    []int          `msgpack:"min_l" validate:"min=1,max=2"`
	MinM    map[string]int `msgpack:"min_m" validate:"min=1,max=2"`
	MinA    [2]int         `msgpack:"min_a" validate:"min=1,max=2"`
	MinD    time.Duration  `msgpack:"min_d" validate:"min=1s,max=1h30m"`
	MinDN   time.Duration  `msgpack:"min_dn" validate:"gte=5,lte=100000"`
	MinP    *int           `msgpack:"min_p" validate:"min=1"`
	MinOP   *int           `msgpack:"min_op" validate:"omitempty,min=1"`

	LenS string   `msgpack:"len_s" validate:"len=3"`
	LenI int      `msgpack:"len_i" validate:"len=3"`
	LenF float64  `msgpack:"len_f" validate:"len=3"`
	LenL []string `msgpack:"len_l" validate:"len=1"`

	GtS  string        `msgpack:"gt_s" validate:"gt=1,lt=4"`
	GtI  int64         `msgpack:"gt_i" validate:"gt=1,lt=4"`
	GtU8 uint8         `msgpack:"gt_u8" validate:"gt=0,lt=255"`
	GtF  float32       `msgpack:"gt_f" validate:"gt=-1,lt=1.5"`
	GtL  []byte        `msgpack:"gt_l" validate:"gt=0,lt=3"`
	GtD  time.Duration `msgpack:"gt_d" validate:"gt=0,lt=1m"`
	GtT  time.Time     `msgpack:"gt_t" validate:"omitempty,gt"`
	LtT  time.Time     `msgpack:"lt_t" validate:"lt"`
	GteT time.Time     `msgpack:"gte_t" validate:"omitempty,gte"`
	LteT *time.Time    `msgpack:"lte_t" validate:"omitempty,lte"`
}

// Chosen has the rules that choose among values, and their combinations.
//
//necro:event CHOSEN
type Chosen struct {
	Side    string         `msgpack:"side" validate:"oneof=buy sell"`
	Phrase  Text           `msgpack:"phrase" validate:"omitempty,oneof='two words' one 'a0x2Cb'"`
	Digit   int            `msgpack:"digit" validate:"oneof=1 02 3 -4"`
	Level   Small          `msgpack:"level" validate:"oneof=1 300 2"`
	Cur     other.Currency `msgpack:"cur" validate:"required,oneof=EUR USD"`
	OptSide *string        `msgpack:"opt_side" validate:"omitempty,oneof=buy sell"`

	Email  string  `msgpack:"email" validate:"email"`
	EmailO string  `msgpack:"email_o" validate:"omitempty,email"`
	UUID   Text    `msgpack:"uuid" validate:"uuid"`
	UUIDP  *string `msgpack:"uuid_p" validate:"omitempty,uuid"`
	URL    string  `msgpack:"url" validate:"url"`

	Pass    string         `msgpack:"pass" validate:"required"`
	Again   string         `msgpack:"again" validate:"eqfield=Pass"`
	AgainP  *string        `msgpack:"again_p" validate:"omitempty,eqfield=Pass"`
	PassP   *string        `msgpack:"pass_p"`
	AgainPP string         `msgpack:"again_pp" validate:"eqfield=PassP"`
	N       int            `msgpack:"n"`
	N2      Count          `msgpack:"n2" validate:"eqfield=N"`
	D       time.Duration  `msgpack:"d"`
	D2      time.Duration  `msgpack:"d2" validate:"eqfield=D"`
	F       float64        `msgpack:"f"`
	F2      float64        `msgpack:"f2" validate:"eqfield=F"`
	L       []int          `msgpack:"l"`
	L2      []string       `msgpack:"l2" validate:"eqfield=L"`
	T       time.Time      `msgpack:"t"`
	T2      *time.Time     `msgpack:"t2" validate:"omitempty,eqfield=T"`
	B       bool           `msgpack:"b"`
	B2      bool           `msgpack:"b2" validate:"eqfield=B"`
	Leg     Leg            `msgpack:"leg"`
	M       map[string]int `msgpack:"m"`
	M2      map[string]int `msgpack:"m2" validate:"omitempty,eqfield=M"`
}

// Diving has rules on elements.
//
//necro:event DIVING
type Diving struct {
	Tags    []string                  `msgpack:"tags" validate:"max=3,dive,required,max=3"`
	Legs    []Leg                     `msgpack:"legs" validate:"dive"`
	Flat    []Leg                     `msgpack:"flat"`
	Ptrs    []*Leg                    `msgpack:"ptrs" validate:"dive,required"`
	OptPtrs []*Leg                    `msgpack:"opt_ptrs" validate:"omitempty,dive"`
	Arr     [2]int                    `msgpack:"arr" validate:"dive,min=1"`
	Stock   map[string]int            `msgpack:"stock" validate:"dive,min=1"`
	ByName  map[Text]Leg              `msgpack:"by_name" validate:"required,dive"`
	Grid    [][]int                   `msgpack:"grid" validate:"dive,max=2,dive,min=0,max=9"`
	Table   map[string]map[string]int `msgpack:"table" validate:"dive,min=1,dive,gt=0"`
	Prices  []other.Amount            `msgpack:"prices" validate:"dive"`
	Bytes   []byte                    `msgpack:"bytes" validate:"dive,lt=200"`
	OptList *[]string                 `msgpack:"opt_list" validate:"omitempty,dive,min=1"`
	ListP   *[]string                 `msgpack:"list_p" validate:"dive,min=1"`
}

// Entering has nested structs, which are entered without a rule.
//
//necro:event ENTERING
type Entering struct {
	other.Base
	buried
	Leg     Leg            `msgpack:"leg"`
	LegP    *Leg           `msgpack:"leg_p"`
	LegO    Leg            `msgpack:"leg_o" validate:"omitempty"`
	LegOR   Leg            `msgpack:"leg_or" validate:"omitempty,required"`
	Off     Leg            `msgpack:"off" validate:"-"`
	Invoice other.Invoice  `msgpack:"invoice"`
	Inv     *other.Invoice `msgpack:"inv" validate:"required"`
	Amount  other.Amount   `msgpack:"amount" validate:"required"`
	Apart   Apart          `msgpack:"apart" validate:"omitempty"`
	Skipped int            `msgpack:"-" validate:"max=1"`
}

// Apart can't be compared with ==.
type Apart struct {
	List []int  `msgpack:"list"`
	Name string `msgpack:"name" validate:"required"`
}

// Checked has rules of its own.
//
//necro:event CHECKED
type Checked struct {
	A, B int
	Sum  int
}

//necro:check
func (c *Checked) checkSum() error {
	if c.A+c.B != c.Sum {
		return errors.New("sum must be a + b")
	}
	return nil
}

//necro:check
func (c Checked) checkPositive() error {
	if c.Sum < 0 {
		return errors.New("sum must not be negative")
	}
	return nil
}

// Holder holds an event with rules of its own.
//
//necro:event HOLDER
type Holder struct {
	One  Checked   `msgpack:"one"`
	More []Checked `msgpack:"more" validate:"dive"`
}
