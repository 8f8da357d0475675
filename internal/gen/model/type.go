package model

// Kind is the shape of a Go type as the codec and the validators see it.
type Kind int

// The kinds. A named type has the kind of its underlying type, but for Time,
// Duration and Foreign.
const (
	Invalid Kind = iota
	Bool
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	String
	Bytes    // []byte, also of a named byte slice
	Slice    // Elem
	Array    // Elem, Len
	Map      // Key, Elem
	Pointer  // Elem
	Struct   // Fields
	Time     // time.Time
	Duration // time.Duration: an int64 on the wire
	Any      // the empty interface
	Error    // the predeclared type error
	Foreign  // a type that encodes itself: Marshalers
	Other    // a type that cannot be encoded: chan, func, complex, …; Desc names it
)

// Type is a Go type. Named struct types are shared: two fields of one type point to
// the same Type, so a recursive type is a cycle.
type Type struct {
	Kind Kind

	// Name and Path are set for a named (or predeclared) type: "int64" with an empty
	// Path, "OrderID" with the import path of its package.
	Name    string
	Path    string
	PkgName string  // package clause of Path
	Module  string  // path of the module that declares a named type; empty for the standard library
	Args    []*Type // type arguments of an instantiated generic

	Elem   *Type
	Key    *Type
	Len    int64
	Fields []*Field // all fields in source order, also those that are not encoded
	Checks []*Check // of a named type of the main module, in source order

	// OtherKind is the kind of an Other: "chan", "func", "interface", "complex", "uintptr", "unsafe.Pointer".
	OtherKind string

	Desc       string // as Go writes it, for messages: "map[string]chan int"
	Comparable bool
	Marshalers Marshalers
	Methods    []string // names of exported methods, for messages

	// Event is set when the type is an event or a state, also of another package: its
	// generated Validate runs its own checks. For one of the main module it is the
	// same *Event that stands in Package.Events or Package.States.
	Event *Event
	// Shared says that the type has a directive that has its codec generated in its own package.
	Shared bool
	// IsZero says that the type has a method IsZero() bool on its value, IsZeroPointer
	// that only the pointer to it has one. omitempty asks that method.
	IsZero, IsZeroPointer bool

	// ForeignKind is the kind of the underlying type of a Foreign one: rules see through.
	ForeignKind Kind
	// TimeLike says that the underlying type is that of time.Time: rules take it for a time.
	TimeLike bool
	// Stringer says that a value of the type has a method String() string, Valuer that it or
	// a pointer to it has ValidatorValue() any, with which the reference replaces it.
	Stringer, Valuer bool

	// Problem is why the type does not type-check, for Invalid.
	Problem string
	// Problems are what the type checker says inside the declaration of a named type.
	Problems []Problem
}

// SharedWith says that the code generated for a package calls the codec that stands in the type's own package.
func (t *Type) SharedWith(p *Package) bool {
	return t.Shared && t.Kind == Struct && t.Module == p.Module && (t.Path != p.Path || p.Test)
}

// Problem is a type error.
type Problem struct {
	Pos     Pos
	Message string
}

// Method is a family of methods with which a type encodes itself.
type Method int

// The families, in the order in which the reference codec asks for them.
const (
	NoMethod     Method = iota
	Custom              // EncodeMsgpack, DecodeMsgpack: msgpack's CustomEncoder and CustomDecoder
	Marshal             // MarshalMsgpack, UnmarshalMsgpack
	BinaryMethod        // MarshalBinary, UnmarshalBinary
	TextMethod          // MarshalText, UnmarshalText
)

// Marshalers says which of its methods the reference codec chooses for a type: of those that a
// value has the first, or else the first of those that only a pointer to it has. For a pointer
// to the type it is the first of them all.
type Marshalers struct {
	Encode, Decode               Method
	PointerEncode, PointerDecode Method

	// OnValue says that the method that encodes has no pointer receiver: a nil slice or map is
	// then written as nil, without being asked.
	OnValue bool
	// Raw says that the type is msgpack.RawMessage: an encoded value.
	Raw bool
	// Text says that there is a MarshalText, which the key of an event asks for.
	Text bool
}

// Any says whether the type brings anything along.
func (m Marshalers) Any() bool {
	return m.PointerEncode != NoMethod || m.PointerDecode != NoMethod
}

// Field is a field of a struct.
type Field struct {
	Pos      Pos
	Name     string // in Go
	Path     string // import path of the package that declares it
	Exported bool
	Embedded bool
	Type     *Type
	Alias    *Type  // of an embedded field that is written as an alias: the alias, by its name and type arguments
	Tag      string // the whole tag, unquoted
	TagPos   Pos    // of the tag, or of what can't be read in it
	TagError string // why the tag can't be read; empty when it can
	Doc      string

	Wire      string // name on the wire; empty when Skip
	Skip      bool   // msgpack:"-" or "-,…", or an unexported field
	OmitEmpty bool
	Inline    bool // an embedded struct whose fields stand in the outer one
	AsArray   bool // the _msgpack field's as_array
	Aliases   []string
	// Options are the words of the msgpack tag after the name, with their positions.
	Options []TagOption
	// TagKeys are the keys of the tag, "msgpack" and "json", in any order.
	TagKeys []TagOption

	Rules *Rules // nil without a validate tag
}

// TagOption is a word of a msgpack tag: "omitempty", "alias:old".
type TagOption struct {
	Pos         Pos
	Name, Value string
}

// Rules are the rules of one level of a value.
type Rules struct {
	List []*Rule // in tag order, dive and the rules behind it left out
	Keys *Rules  // of the keys of the map whose values this level is about; nil without keys
	Dive *Rules  // of the elements; nil without dive
	Pos  Pos     // of the first word, or of the dive or keys in front of it
	// Unclosed says that this level of keys has no endkeys.
	Unclosed bool
}

// Ignored says that the tag is validate:"-": the field is not entered.
func (r *Rules) Ignored() bool { return len(r.List) == 1 && r.List[0].Name == "-" }

// Rule is one word of a validate tag.
type Rule struct {
	Pos   Pos // inside the tag
	Name  string
	Param string // as the reference reads it: 0x2C and 0x7C replaced
	// Words are the parameter's words, as the reference splits it: by spaces, but not in
	// single quotes.
	Words []Word
	// Or are the alternatives of a|b, whose Name is the whole.
	Or []*Rule
}

// Word is a part of a parameter.
type Word struct {
	Pos  Pos
	Text string
}
