package shapes

import (
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

// Codes has the rules on codes, also on numbers.
//
//necro:event CODES
type Codes struct {
	Alpha2    string `msgpack:"alpha2" validate:"iso3166_1_alpha2"`
	Alpha2EU  string `msgpack:"alpha2_eu" validate:"iso3166_1_alpha2_eu"`
	Alpha3    string `msgpack:"alpha3" validate:"iso3166_1_alpha3"`
	Alpha3EU  string `msgpack:"alpha3_eu" validate:"iso3166_1_alpha3_eu"`
	Numeric   string `msgpack:"numeric" validate:"iso3166_1_alpha_numeric"`
	NumericEU string `msgpack:"numeric_eu" validate:"iso3166_1_alpha_numeric_eu"`
	Country   string `msgpack:"country" validate:"country_code"`
	CountryEU string `msgpack:"country_eu" validate:"eu_country_code"`
	Currency  string `msgpack:"currency" validate:"iso4217"`
	Number    int    `msgpack:"number" validate:"iso3166_1_alpha_numeric"`
	NumberEU  int16  `msgpack:"number_eu" validate:"iso3166_1_alpha_numeric_eu"`
	Uint      uint64 `msgpack:"uint" validate:"iso3166_1_alpha_numeric"`
	UintEU    uint32 `msgpack:"uint_eu" validate:"iso3166_1_alpha_numeric_eu"`
	Money     int    `msgpack:"money" validate:"iso4217_numeric"`
	UintMoney uint   `msgpack:"uint_money" validate:"iso4217_numeric"`
	Port      int    `msgpack:"port" validate:"port"`
	UintPort  uint16 `msgpack:"uint_port" validate:"port"`
}

// Numbers has the rules that take numbers and other values besides text.
//
//necro:event NUMBERS
type Numbers struct {
	LatF    float64 `msgpack:"lat_f" validate:"latitude,max=90"`
	LatF32  float32 `msgpack:"lat_f32" validate:"latitude,min=-90"`
	LatI    int     `msgpack:"lat_i" validate:"latitude,max=90"`
	LatU8   uint8   `msgpack:"lat_u8" validate:"latitude,max=90"`
	LonF    float64 `msgpack:"lon_f" validate:"longitude,max=180"`
	LonF32  float32 `msgpack:"lon_f32" validate:"longitude,min=-180"`
	LonI16  int16   `msgpack:"lon_i16" validate:"longitude,max=180"`
	LuhnI   int     `msgpack:"luhn_i" validate:"luhn_checksum"`
	LuhnI8  int8    `msgpack:"luhn_i8" validate:"luhn_checksum"`
	LuhnU   uint64  `msgpack:"luhn_u" validate:"luhn_checksum"`
	Numeric float32 `msgpack:"numeric" validate:"numeric"`
	Number  Small   `msgpack:"number" validate:"number,lt=200"`
	Bool    Flag    `msgpack:"bool" validate:"boolean,eq=true"`
	JSON    []byte  `msgpack:"json" validate:"omitempty,json"`
	Blob    Blob    `msgpack:"blob" validate:"json|len=0"`

	EqI   int            `msgpack:"eq_i" validate:"eq=3"`
	NeI   int8           `msgpack:"ne_i" validate:"ne=3,ne=300"`
	EqU   uint           `msgpack:"eq_u" validate:"eq=0x3"`
	NeF   float64        `msgpack:"ne_f" validate:"ne=0.5"`
	EqF32 float32        `msgpack:"eq_f32" validate:"eq=0.1"`
	EqS   string         `msgpack:"eq_s" validate:"eq=abc"`
	NeS   Text           `msgpack:"ne_s" validate:"ne="`
	EqB   bool           `msgpack:"eq_b" validate:"eq=f"`
	NeB   bool           `msgpack:"ne_b" validate:"ne=1"`
	EqL   []int          `msgpack:"eq_l" validate:"eq=2"`
	NeM   map[string]int `msgpack:"ne_m" validate:"ne=1"`
	EqA   [2]int         `msgpack:"eq_a" validate:"eq=2"`
	EqD   time.Duration  `msgpack:"eq_d" validate:"eq=1s"`
	NeD   time.Duration  `msgpack:"ne_d" validate:"ne=5"`
	EqP   *int           `msgpack:"eq_p" validate:"eq=3"`
	Pause Pause          `msgpack:"pause" validate:"max=100000"`

	EqI2   string  `msgpack:"eq_ic" validate:"eq_ignore_case=AbC"`
	NeI2   string  `msgpack:"ne_ic" validate:"ne_ignore_case=ÄÖÜ"`
	None   string  `msgpack:"none" validate:"noneof=a 'x y' abc"`
	NoneI  int16   `msgpack:"none_i" validate:"noneof=1 70000 2"`
	NoneD  Pause   `msgpack:"none_d" validate:"noneof=1 5"`
	CI     Text    `msgpack:"ci" validate:"oneofci=BUY sell 'Two Words'"`
	NoneCI *string `msgpack:"none_ci" validate:"omitnil,noneofci=BUY äÖü"`
}

// Shaped has rules on texts with parameters.
//
//necro:event SHAPED
type Shaped struct {
	Contains    string `msgpack:"contains" validate:"contains=b"`
	ContainsAny Text   `msgpack:"contains_any" validate:"containsany=xyzü"`
	Rune        string `msgpack:"rune" validate:"containsrune=ö"`
	Excludes    string `msgpack:"excludes" validate:"excludes=0x2C"`
	ExcludesAll string `msgpack:"excludes_all" validate:"excludesall=0x7Cü"`
	NoRune      string `msgpack:"no_rune" validate:"excludesrune=ö"`
	Starts      string `msgpack:"starts" validate:"startswith=ab"`
	Ends        string `msgpack:"ends" validate:"endswith=c"`
	NotStarts   string `msgpack:"not_starts" validate:"startsnotwith=a"`
	NotEnds     string `msgpack:"not_ends" validate:"endsnotwith=c"`
	Date        string `msgpack:"date" validate:"datetime=2006-01-02"`
	Stamp       Text   `msgpack:"stamp" validate:"omitempty,datetime=2006-01-02T15:04:05Z07:00"`
	Clock       string `msgpack:"clock" validate:"datetime=15:04"`

	Either  string   `msgpack:"either" validate:"email|uuid"`
	Empty   string   `msgpack:"empty" validate:"eq=|alphanum|contains=0x7C,max=5"`
	Third   *string  `msgpack:"third" validate:"len=3|len=4|email"`
	OrNot   *string  `msgpack:"or_not" validate:"omitempty,ip|fqdn|ne=ab"`
	Size    []int    `msgpack:"size" validate:"len=0|min=2,dive,eq=1|gt=3"`
	Default string   `msgpack:"default" validate:"isdefault|startswith=a"`
	Color   string   `msgpack:"color" validate:"omitempty,iscolor"`
	Amount  float64  `msgpack:"amount" validate:"lt=0|gte=0.5"`
	Wait    Pause    `msgpack:"wait" validate:"eq=5|gt=100000"`
	Each    []string `msgpack:"each" validate:"dive,required,alpha|numeric|eq=a0x2Cb"`
}

// Present has the rules about being there.
//
//necro:event PRESENT
type Present struct {
	DefS  string         `msgpack:"def_s" validate:"isdefault"`
	DefI  Count          `msgpack:"def_i" validate:"isdefault"`
	DefF  float64        `msgpack:"def_f" validate:"isdefault"`
	DefL  []int          `msgpack:"def_l" validate:"isdefault"`
	DefM  map[string]int `msgpack:"def_m" validate:"isdefault"`
	DefP  *string        `msgpack:"def_p" validate:"isdefault"`
	DefLP *[]int         `msgpack:"def_lp" validate:"isdefault"`
	DefT  time.Time      `msgpack:"def_t" validate:"isdefault"`
	DefA  [2]int         `msgpack:"def_a" validate:"isdefault"`
	DefS2 *string        `msgpack:"def_s2" validate:"isdefault,email"`
	DefLG Leg            `msgpack:"def_lg" validate:"isdefault"`

	NilS  string         `msgpack:"nil_s" validate:"omitnil,min=2"`
	NilP  *string        `msgpack:"nil_p" validate:"omitnil,min=2"`
	NilL  []int          `msgpack:"nil_l" validate:"omitnil,min=2"`
	NilM  map[string]int `msgpack:"nil_m" validate:"omitnil,min=1,dive,gt=0"`
	NilLP *[]int         `msgpack:"nil_lp" validate:"omitnil,min=1"`
	NilG  *Leg           `msgpack:"nil_g" validate:"omitnil,required"`

	ZeroS  string         `msgpack:"zero_s" validate:"omitzero,min=2"`
	ZeroI  int            `msgpack:"zero_i" validate:"omitzero,min=2"`
	ZeroP  *string        `msgpack:"zero_p" validate:"omitzero,min=2"`
	ZeroL  []int          `msgpack:"zero_l" validate:"omitzero,min=2"`
	ZeroM  map[string]int `msgpack:"zero_m" validate:"omitzero,min=2"`
	ZeroLP *[]int         `msgpack:"zero_lp" validate:"omitzero,len=2"`
	ZeroT  *time.Time     `msgpack:"zero_t" validate:"omitzero,lt"`
	ZeroG  Leg            `msgpack:"zero_g" validate:"omitzero"`
	ZeroGP *Leg           `msgpack:"zero_gp" validate:"omitzero"`
	ZeroN  Apart          `msgpack:"zero_n" validate:"omitzero"`
	ZeroA  [2]int         `msgpack:"zero_a" validate:"omitzero,dive,gt=0"`

	Last  string `msgpack:"last" validate:"max=5,omitempty,email"`
	Then  []int  `msgpack:"then" validate:"max=3,required,omitempty,dive,gt=0"`
	Only  Leg    `msgpack:"only" validate:"structonly"`
	OnlyP *Leg   `msgpack:"only_p" validate:"required,structonly"`
	NoLv  *Leg   `msgpack:"no_lv" validate:"omitempty,nostructlevel"`
	NoL2  *Leg   `msgpack:"no_l2" validate:"nostructlevel"`
	Legs  []Leg  `msgpack:"legs" validate:"dive,structonly"`
}

// Related has the rules that compare fields.
//
//necro:event RELATED
type Related struct {
	other.Base
	I    int            `msgpack:"i"`
	IP   *int           `msgpack:"ip"`
	U    uint8          `msgpack:"u"`
	F    float64        `msgpack:"f"`
	S    string         `msgpack:"s"`
	SP   *Text          `msgpack:"sp"`
	B    bool           `msgpack:"b"`
	L    []int          `msgpack:"l"`
	M    map[string]int `msgpack:"m"`
	D    time.Duration  `msgpack:"d"`
	T    time.Time      `msgpack:"t"`
	TP   *time.Time     `msgpack:"tp"`
	Leg  Leg            `msgpack:"leg"`
	LegP *Leg           `msgpack:"leg_p"`
	Inv  *other.Invoice `msgpack:"inv"`

	NeI    int            `msgpack:"ne_i" validate:"nefield=I"`
	NeIP   int            `msgpack:"ne_ip" validate:"nefield=IP"`
	PNe    *int           `msgpack:"p_ne" validate:"omitempty,nefield=I"`
	NeF    float64        `msgpack:"ne_f" validate:"nefield=F"`
	NeS    Text           `msgpack:"ne_s" validate:"nefield=SP"`
	NeB    bool           `msgpack:"ne_b" validate:"nefield=B"`
	NeL    []string       `msgpack:"ne_l" validate:"nefield=L"`
	NeM    map[string]int `msgpack:"ne_m" validate:"necsfield=M"`
	NeT    time.Time      `msgpack:"ne_t" validate:"nefield=TP"`
	NeD    time.Duration  `msgpack:"ne_d" validate:"nefield=D"`
	GtI    Count          `msgpack:"gt_i" validate:"gtfield=I"`
	GteIP  int            `msgpack:"gte_ip" validate:"gtefield=IP"`
	LtU    Small          `msgpack:"lt_u" validate:"ltfield=U"`
	LteF   float64        `msgpack:"lte_f" validate:"ltefield=F"`
	GtS    string         `msgpack:"gt_s" validate:"gtfield=S"`
	LteS   Text           `msgpack:"lte_s" validate:"ltefield=SP"`
	GtT    time.Time      `msgpack:"gt_t" validate:"gtfield=T"`
	GteT   *time.Time     `msgpack:"gte_t" validate:"omitempty,gtefield=T"`
	LtT    time.Time      `msgpack:"lt_t" validate:"ltfield=TP"`
	LteT   time.Time      `msgpack:"lte_t" validate:"ltefield=T"`
	LtD    time.Duration  `msgpack:"lt_d" validate:"ltfield=D"`
	EqLeg  int            `msgpack:"eq_leg" validate:"eqfield=Leg.Qty"`
	LtLegP int            `msgpack:"lt_leg_p" validate:"ltcsfield=LegP.Qty"`
	NeLegP string         `msgpack:"ne_leg_p" validate:"necsfield=LegP.Symbol"`
	EqInv  int64          `msgpack:"eq_inv" validate:"eqcsfield=Inv.Total.Units"`
	EqID   string         `msgpack:"eq_id" validate:"eqfield=ID"`
	EqBase string         `msgpack:"eq_base" validate:"omitempty,eqfield=Base.ID"`
	After  time.Time      `msgpack:"after" validate:"gtecsfield=Created"`
	GtcsS  string         `msgpack:"gtcs_s" validate:"gtcsfield=S"`
	GtecsS *string        `msgpack:"gtecs_s" validate:"omitempty,gtecsfield=SP"`
	LtecsL []string       `msgpack:"ltecs_l" validate:"ltecsfield=L"`
	GtcsM  map[string]int `msgpack:"gtcs_m" validate:"gtcsfield=M"`
	GtcsF  float64        `msgpack:"gtcs_f" validate:"gtcsfield=F"`
	In     string         `msgpack:"in" validate:"fieldcontains=S"`
	InP    string         `msgpack:"in_p" validate:"fieldcontains=SP"`
	Out    Text           `msgpack:"out" validate:"fieldexcludes=S"`
	OutP   string         `msgpack:"out_p" validate:"fieldexcludes=LegP.Symbol"`
	Each   []int          `msgpack:"each" validate:"dive,ltfield=I|eqfield=IP"`
}

// Conditional has the rules that look at other fields: whether they are set, and to which value.
//
//necro:event CONDITIONAL
type Conditional struct {
	other.Base
	Status string         `msgpack:"status" validate:"omitempty,oneof=paid 'in transit' open"`
	Paid   bool           `msgpack:"paid"`
	PaidP  *bool          `msgpack:"paid_p"`
	N      int            `msgpack:"n" validate:"omitempty,oneof=1 2 3"`
	NP     *int8          `msgpack:"np" validate:"omitempty,oneof=1 2 3"`
	U      uint           `msgpack:"u" validate:"omitempty,oneof=1 2 3"`
	F      float32        `msgpack:"f" validate:"omitempty,eq=0.5"`
	Note   *string        `msgpack:"note" validate:"omitempty,oneof=nil a"`
	L      []int          `msgpack:"l"`
	LP     *[]int         `msgpack:"lp"`
	M      map[string]int `msgpack:"m"`
	A      [2]int         `msgpack:"a"`
	D      time.Duration  `msgpack:"d" validate:"omitempty,eq=5"`
	T      time.Time      `msgpack:"t"`
	Leg    Leg            `msgpack:"leg"`
	LegP   *Leg           `msgpack:"leg_p"`
	Apart  Apart          `msgpack:"apart"`

	If     string    `msgpack:"if" validate:"required_if=Status paid"`
	IfP    *string   `msgpack:"if_p" validate:"required_if=Status 'in transit' Paid true,omitempty,max=5"`
	IfN    int       `msgpack:"if_n" validate:"required_if=N 2"`
	IfNP   int       `msgpack:"if_np" validate:"required_if=NP 2"`
	IfU    []int     `msgpack:"if_u" validate:"required_if=U 0x2"`
	IfF    *Leg      `msgpack:"if_f" validate:"required_if=F 0.5"`
	IfB    time.Time `msgpack:"if_b" validate:"required_if=Paid false"`
	IfL    Leg       `msgpack:"if_l" validate:"required_if=L nil"`
	IfL2   string    `msgpack:"if_l2" validate:"required_if=L 2"`
	IfM    string    `msgpack:"if_m" validate:"required_if=M nil Paid true"`
	IfA    string    `msgpack:"if_a" validate:"required_if=A 2"`
	IfD    string    `msgpack:"if_d" validate:"required_if=D 5"`
	IfNote string    `msgpack:"if_note" validate:"required_if=Note nil"`
	IfQty  string    `msgpack:"if_qty" validate:"required_if=LegP.Qty 1"`
	Skip   string    `msgpack:"skip" validate:"skip_unless=Status paid"`
	Unless string    `msgpack:"unless" validate:"required_unless=Status paid Status open Paid true"`
	UnlP   *int      `msgpack:"unl_p" validate:"required_unless=N 1 NP 2"`
	ExIf   string    `msgpack:"ex_if" validate:"excluded_if=Status paid Paid false"`
	ExIfP  *string   `msgpack:"ex_if_p" validate:"excluded_if=Status open"`
	ExUn   []int     `msgpack:"ex_un" validate:"excluded_unless=Status paid N 2"`

	With     string         `msgpack:"with" validate:"required_with=Status"`
	WithP    *string        `msgpack:"with_p" validate:"required_with=Note NP"`
	WithL    []int          `msgpack:"with_l" validate:"required_with=L LP M"`
	WithAll  string         `msgpack:"with_all" validate:"required_with_all=Status Note Paid"`
	WithLeg  string         `msgpack:"with_leg" validate:"required_with_all=LegP.Qty Leg"`
	WithT    map[string]int `msgpack:"with_t" validate:"required_with=T A"`
	WithBase string         `msgpack:"with_base" validate:"required_with=ID Created,omitempty,min=2"`
	Out      string         `msgpack:"out" validate:"required_without=Status"`
	OutP     *Leg           `msgpack:"out_p" validate:"required_without=LegP Note"`
	OutAll   int            `msgpack:"out_all" validate:"required_without_all=Status Note PaidP LP"`
	OutApart string         `msgpack:"out_apart" validate:"required_without=Apart"`
	ExWith   string         `msgpack:"ex_with" validate:"excluded_with=Status Note"`
	ExAll    *int           `msgpack:"ex_all" validate:"excluded_with_all=Status Note"`
	ExOut    string         `msgpack:"ex_out" validate:"excluded_without=Status"`
	ExOutAll []int          `msgpack:"ex_out_all" validate:"excluded_without_all=Status L F D"`
	Chain    *string        `msgpack:"chain" validate:"required_with=Note,excluded_if=Paid true,omitempty,alpha"`
	Legs     []*Leg         `msgpack:"legs" validate:"omitempty,dive,required_if=Status paid"`
	Either   string         `msgpack:"either" validate:"required_if=Status paid|alpha"`
}

// Unique has elements that may not come twice, and keys with rules.
//
//necro:event UNIQUE
type Unique struct {
	S    []string         `msgpack:"s" validate:"unique"`
	I    [3]int8          `msgpack:"i" validate:"unique"`
	F    []float64        `msgpack:"f" validate:"unique"`
	B    []byte           `msgpack:"b" validate:"unique"`
	L    []Leg            `msgpack:"l" validate:"unique"`
	LP   []*Leg           `msgpack:"lp" validate:"unique,dive"`
	SP   []*string        `msgpack:"sp" validate:"unique"`
	M    map[string]int8  `msgpack:"m" validate:"unique"`
	MP   map[string]*bool `msgpack:"mp" validate:"unique"`
	P    *[]Count         `msgpack:"p" validate:"omitempty,unique"`
	By   []Leg            `msgpack:"by" validate:"unique=Symbol"`
	ByP  []*Leg           `msgpack:"by_p" validate:"unique=Qty"`
	ByO  []Optional       `msgpack:"by_o" validate:"unique=Ref"`
	ByOP []*Optional      `msgpack:"by_op" validate:"unique=Ref,dive"`
	In   [][]int8         `msgpack:"in" validate:"dive,unique"`
	InBy [][]Leg          `msgpack:"in_by" validate:"dive,unique=Symbol"`
	InM  map[string][]Leg `msgpack:"in_m" validate:"dive,unique=Symbol"`

	Keys   map[string]int            `msgpack:"keys" validate:"dive,keys,alpha,endkeys"`
	Both   map[Text]int              `msgpack:"both" validate:"required,dive,keys,min=2,max=4,endkeys,gt=0"`
	Enter  map[string]Leg            `msgpack:"enter" validate:"dive,keys,required,endkeys"`
	EnterP map[string]*Leg           `msgpack:"enter_p" validate:"dive,keys,required,endkeys"`
	Deep   map[string]map[string]Leg `msgpack:"deep" validate:"dive,keys,max=3,endkeys,dive,keys,ne=a|min=3,endkeys,required"`
	Ints   map[int16]string          `msgpack:"ints" validate:"dive,keys,min=0,endkeys,max=3"`
	Uints  map[uint8]*string         `msgpack:"uints" validate:"dive,keys,lt=200,endkeys,omitempty,max=3"`
	Or     map[string]string         `msgpack:"or" validate:"dive,keys,eq=a|eq=b,endkeys,eqfield=Name"`
	Name   string                    `msgpack:"name"`
}

// Optional has a field that may be missing.
type Optional struct {
	Ref *int8 `msgpack:"ref"`
}
