package model

// Directive is one //necro: comment as it stands in the source, right or wrong. The loader
// records every one of them, so that nothing is silently ignored.
type Directive struct {
	Pos     Pos // of the comment
	Verb    string
	VerbPos Pos
	Args    []*Arg
	Text    string // the whole line
	Doc     string // what else the comment says that it stands in

	// Near says that this only looks like a directive: "// necro:event", "/*necro:event*/".
	Near bool
	// Broken is why the arguments can't be split; empty when they can.
	Broken string

	Target Target
	// Constraint is the build constraint of the file, as a reader sees it there:
	// "//go:build linux" or the file's name; empty when it has none.
	Constraint string
}

// Arg is one word of a directive: NAME, flag or key=value.
type Arg struct {
	Pos      Pos
	Text     string // the whole word
	Key      string // the text before "="; the whole word without one
	Value    string // the text after "="
	ValuePos Pos
	HasValue bool // there is a "="
	Quoted   bool // there are quotes in it, which directives don't have
}

// Arg returns the first word with that key, or nil.
func (d *Directive) Arg(key string) *Arg {
	for _, a := range d.Args {
		if a.Key == key {
			return a
		}
	}
	return nil
}

// Target is what a directive stands on.
type Target struct {
	Kind TargetKind
	Name string // of the declaration
	Pos  Pos    // of that name
	Desc string // with its article, for messages: "an interface type"
}

// TargetKind says which directives fit a declaration.
type TargetKind int

// The kinds of target.
const (
	TargetNone     TargetKind = iota // stands alone, in a function, on a field, …
	TargetDetached                   // a blank line is between it and the declaration
	TargetStruct                     // a declared struct type
	TargetGeneric                    // a struct type with type parameters
	TargetMethod
	TargetFunc
	TargetOther // another declaration: constant, variable, alias, interface, …
)

// Func is an annotated function or method as declared.
type Func struct {
	Directive *Directive
	Pos       Pos // of its name
	Name      string
	Recv      string // type name of the receiver; empty for a function
	Generic   bool
	Variadic  bool
	Held      bool // its receiver is an event, or a type that one holds
	Covered   bool // its parameter is an interface, some of whose events have handlers of their own
	Params    []*Param
	Results   []*Param
}

// Param is a parameter or a result.
type Param struct {
	Pos  Pos
	Desc string // its type as Go writes it
	Role Role

	Event   *Event // for RoleEvent, RoleBatch, RoleEmit, RoleOut, RoleTimer and RoleUndo; nil when its type is no event
	State   *Event // for RoleState; also of what else is made of a state, which is refused
	Pointer bool   // *E, *S, []*E or Emit[*E]; of a RoleOut *Out[E] or Out[*E], which is refused, and of a RoleTimer and a RoleUndo alike
	Out     bool   // Emit[Out[E]]
	Slice   bool   // []E

	// Problem is why the type is invalid, for RoleInvalid.
	Problem string
}

// Coded returns the event or the state that the parameter is, or nil.
func (p *Param) Coded() *Event {
	if p.State != nil {
		return p.State
	}
	return p.Event
}

// EventAt returns the place of the parameter that the handler handles: behind the context, or behind the state that
// follows the context.
func (f *Func) EventAt() int {
	if len(f.Params) > 1 && f.Params[1].Role == RoleState {
		return 2
	}
	return 1
}

// Role is what a parameter or result is to a handler.
type Role int

// The roles.
const (
	RoleOther      Role = iota // none of the following
	RoleInvalid                // its type does not type-check
	RoleContext                // context.Context
	RoleEvent                  // E, *E; as a result []E and []*E too
	RoleBatch                  // []E as a parameter
	RoleInterface              // an interface
	RoleEmit                   // necro.Emit[X] and necro.Emit[necro.Out[X]]
	RoleOut                    // necro.Out[X] and []necro.Out[X]
	RoleTimer                  // necro.Timer[X], and what else is made of one, which is refused
	RoleUndo                   // necro.Undo[X] and []necro.Undo[X], and what else is made of one, which is refused
	RoleState                  // S, *S
	RoleEnd                    // necro.End
	RoleCompensate             // necro.Compensate
	RoleDeath                  // *necro.Death
	RoleError                  // error
)
