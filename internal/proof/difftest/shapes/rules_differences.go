package shapes

// Differing has rules under which the reference is wrong, or panics: see docs/validation.md.
//
//necro:event DIFFERING
type Differing struct {
	*Mixin
	Status string        `msgpack:"status"`
	NilS   *string       `msgpack:"nil_s" validate:"required_if=Status paid,excludes=z"`
	NilI   *int          `msgpack:"nil_i" validate:"required_if=Status paid,gt=0"`
	Mixed  string        `msgpack:"mixed" validate:"omitempty,eqfield=Mix"`
	Bool   *bool         `msgpack:"bool"`
	IfBool string        `msgpack:"if_bool" validate:"required_if=Bool nil"`
	Int    *int          `msgpack:"int"`
	IfInt  string        `msgpack:"if_int" validate:"required_if=Int nil"`
	ULID   string        `msgpack:"ulid" validate:"omitempty,ulid"`
	CVE    string        `msgpack:"cve" validate:"omitempty,cve"`
	Addr   string        `msgpack:"addr" validate:"omitempty,tcp_addr"`
	Any    any           `msgpack:"any"`
	Speak  map[Voice]int `msgpack:"speak" validate:"dive,gt=0"`
	Color  string        `msgpack:"color" validate:"omitempty,iscolor|len=2"`
	NilOr  *string       `msgpack:"nil_or" validate:"len=2|email"`
}

// Voice has a String method of its own.
type Voice string

func (v Voice) String() string { return "<" + string(v) + ">" }
