package spec

import (
	"go/token"
	"time"
)

// Pos is where something stands in the user's source: file, line and column, resolved.
type Pos = token.Position

// Topology is everything that was loaded together.
type Topology struct {
	Packages []*Package // sorted by Path, a package before its test unit
}

// Package is one unit of generation: one Go package, or what its test files declare.
type Package struct {
	Path string // import path
	Name string // package clause
	Dir  string // absolute folder
	Test bool   // declared in _test.go files: generated into necro_gen_test.go

	// Root says that the package was named on the command line, so its file is
	// generated. The others were loaded because a root refers to them.
	Root bool

	Events []*Event // in source order: file name, then offset
	Organs []*Organ

	// Names are the package-level identifiers that the user declares, with their
	// positions: generated names must stay clear of them.
	Names map[string]Pos
	// Methods are the methods the user declares, type name to method name.
	Methods map[string]map[string]Pos
}

// Event is an annotated struct.
type Event struct {
	Pos     Pos // of the type's name
	GoName  string
	Path    string // import path of its package
	PkgName string // package clause of its package
	Foreign bool   // of another module: already generated, known by its methods

	Name    string // on the wire
	NamePos Pos    // of NAME in the directive, or of the directive
	Version int    // at least 1
	Aliases []string
	Output  bool
	Key     *Field // nil when events are not grouped

	Struct *Type    // Kind Struct; for a foreign event nil
	Checks []*Check // in source order
	Upcast *Upcast  // to the next version; nil when this is the newest
}

// Check is a cross-field rule: a method func (e *T) name() error.
type Check struct {
	Pos  Pos
	Name string
}

// Upcast turns an event into its next version: func(Old) (New, error).
type Upcast struct {
	Pos  Pos
	Func string // name of the function, in the old event's package
	To   *Event
}

// Organ is an annotated struct with handlers.
type Organ struct {
	Pos     Pos
	GoName  string
	Name    string // durable subscription
	NamePos Pos
	Aliases []string
	Path    string
	Policy  Policy

	Handlers []*Handler // in source order, one for each event type: interface handlers are expanded
}

// Handler is one method of an organ for one event type. An interface handler stands
// here once for each event that it takes.
type Handler struct {
	Pos    Pos
	Method string
	Policy Policy // the handler's own keys only
	Event  *Event

	Pointer   bool      // the parameter is *E
	Interface bool      // the parameter is an interface that E implements
	Results   []*Result // in order, without the error
	Emits     []*Emit   // in order
	Error     bool      // the last result is an error
}

// Result is an event that a handler returns.
type Result struct {
	Event   *Event
	Pointer bool // *X, nil when not emitted; with Slice []*X
	Slice   bool // []X or []*X
}

// Emit is a parameter necro.Emit[X].
type Emit struct{ Event *Event }

// Policy holds what the user wrote; a zero field was not written.
type Policy struct {
	Retry        int
	BackoffMin   time.Duration
	BackoffMax   time.Duration
	Timeout      time.Duration
	Concurrency  int
	BreakerCount int
	BreakerPause time.Duration
	OnFail       string // dead, drop or halt
	MaxHops      int
	Order        string // strict or key
	Exclusive    bool
	Pack         int

	// Keys holds the position of each key that was written.
	Keys map[string]Pos
}
