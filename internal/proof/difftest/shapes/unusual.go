package shapes

import (
	"database/sql"
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
)

// Twice has pointers to pointers.
//
//necro:event TWICE
type Twice struct {
	S    **string
	Leg  **Leg
	Deep ***int
	List *[]*[]**int
	Map  **map[string]**Leg
	Omit **int `msgpack:",omitempty"`
}

// Unnamed has structs without a name.
//
//necro:event UNNAMED
type Unnamed struct {
	Box struct {
		X int `msgpack:"x"`
		Y []struct{ Z string }
	}
	Again struct {
		X int `msgpack:"x"`
		Y []struct{ Z string }
	}
	Map  map[string]struct{ A, B int }
	Ptr  *struct{ At time.Time }
	Set  map[struct{ A, B int8 }]struct{}
	Fold struct {
		Leg
		N int `msgpack:",omitempty"`
	} `msgpack:",omitempty"`
	Array struct {
		_msgpack struct{} `msgpack:",as_array"`
		A        int
		B        *Leg
		C        string `msgpack:",omitempty"`
	}
}

// Embedding embeds structs by pointer and by value, inlined and not.
//
//necro:event EMBEDDING
type Embedding struct {
	*other.Mark
	*Lower
	other.Seal
	Blob
	Labels `msgpack:"my_labels"`
	*Text
	Grid  `msgpack:"grid,noinline"`
	Raw   `msgpack:"-"`
	Tail  string
	*Side `msgpack:"side,noinline"`
	low
}

// Lower is embedded, and embeds.
type Lower struct {
	Low  int
	List []string
	*Lowest
}

// Lowest is embedded in an embedded struct.
type Lowest struct{ Bottom map[string]int }

// Side stands beside.
type Side struct{ Left, Right int }

type low struct{ Ground string }

// EmbeddingOmits leaves fields out, so that those behind nil are left out, too.
//
//necro:event EMBEDDING_OMITS
type EmbeddingOmits struct {
	*Lower
	*Side
	Note string      `msgpack:",omitempty"`
	Fold LowerFold   `msgpack:",omitempty"`
	Deep *LowerFold  `msgpack:"deep"`
	More []LowerFold `msgpack:"more"`
}

// LowerFold may be empty.
type LowerFold struct {
	*Side
	X int `msgpack:",omitempty"`
}

// EmbeddingArray is an array.
//
//necro:event EMBEDDING_ARRAY
type EmbeddingArray struct {
	_msgpack struct{} `msgpack:",as_array"`
	*Lower
	*Side
	Note string
	Any  any
}

// Recursive holds values of its own type, and types that do.
//
//necro:event RECURSIVE
type Recursive struct {
	Name   string
	Next   *Recursive
	Tree   *Branch
	Forest Forest
	Dict   Dict
	Grove  Grove
	Ring   Ring
	Rank   List[Leg]
	Any    any
}

// Types that hold themselves.
type (
	// Branch has two of them, or many.
	Branch struct {
		Value       int
		Left, Right *Branch
		More        []Branch
		Named       map[string]*Branch
		Leg         *Leg
	}
	// Forest is a slice of itself.
	Forest []Forest
	// Dict is a map of itself.
	Dict map[string]Dict
	// Grove is both, by way of Wood.
	Grove map[int8]Wood
	// Wood is the other half of Grove.
	Wood []*Grove
	// Ring is a pointer.
	Ring *[]Ring
)

// Generic has instances of generic types.
//
//necro:event GENERIC
type Generic struct {
	Pair  Two[int, string]
	Pairs []Two[Text, *Leg]
	Deep  Two[Two[int8, bool], map[string]Two[int8, bool]]
	Slice Two[[]int, [2]Leg]
	List  List[List[string]]
	Opt   other.Option[other.Currency]
	Nulls struct {
		S sql.NullString
		I sql.NullInt64
		T sql.NullTime
		B sql.NullBool
		V sql.Null[Text]
	}
	Many Of[Leg]
	Dict DictOf[string, List[int]]
}

// Two is a pair of anything.
type Two[A, B any] struct {
	First  A
	Second B `msgpack:"second,omitempty"`
}

// List is a list of anything.
type List[T any] struct {
	Head T
	Tail *List[T]
}

// Of is a slice of anything.
type Of[T any] []T

// DictOf is a map of anything.
type DictOf[K ~string, V any] map[K]V

// Alias has fields of types with other names.
//
//necro:event ALIAS
type Alias struct {
	Same   Same
	Any    Whatever
	Bag    Bag
	Option MaybeText
}

// Other names.
type (
	Same      = Leg
	Whatever  = any
	Bag       = map[string]Whatever
	MaybeText = other.Option[Text]
)

// Family knows its way up, which is not encoded, and can be followed up and down without end.
//
//necro:event FAMILY
type Family struct {
	Name string    `validate:"required"`
	Up   *Family   `msgpack:"-"`
	Kids []*Family `validate:"dive"`
}
