package rule

import "slices"

// all are the entries, group by group.
var all = slices.Concat(
	presence, sizes, choices, fields, conditions, elements,
	texts, formats, networks, encodings, colors, codes,
)

var byName = indexByName()

func indexByName() map[string]*Rule {
	m := make(map[string]*Rule, len(all))
	for _, r := range all {
		m[r.Name] = r
	}
	return m
}

func inGroup(g Group, rules ...*Rule) []*Rule {
	for _, r := range rules {
		r.Group = g
	}
	return rules
}

// textList returns its arguments as a list.
func textList(texts ...string) []string { return texts }

var presence = inGroup(Presence,
	&Rule{Name: "required", Form: Set, On: Anything, Says: "is required",
		Note: "A pointer, slice, map or interface must not be nil; anything else must not be zero. First on a struct it says nothing, as in the reference: use a pointer."},
	&Rule{Name: "isdefault", Form: Unset, On: Anything, Says: "must not be set"},
	&Rule{Name: "omitempty", Form: Omit, On: Anything, Note: "The rules behind it are for what is there in the sense of `required`."},
	&Rule{Name: "omitnil", Form: Omit, On: Anything, Note: "The same for what is not nil."},
	&Rule{Name: "omitzero", Form: Omit, On: Concrete, Note: "The same for what is not zero, also behind a pointer; an empty slice or map is zero."},
	&Rule{Name: "structonly", Form: Stop, On: Struct, Note: "The struct's fields are not entered. Nothing stands behind it."},
	&Rule{Name: "nostructlevel", Form: Stop, On: Struct, Note: "The same."},
)

const measures = "Numbers and durations by value, strings by characters, slices, arrays and maps by length."

var sizes = inGroup(Sizes,
	&Rule{Name: "min", Form: Bound, On: Measured | Time, Param: Size, Go: ">=", Says: "must be at least {param}",
		Note: measures + " A duration's parameter is `1h30m`, or nanoseconds. A time is compared with the present, without a parameter."},
	&Rule{Name: "max", Form: Bound, On: Measured | Time, Param: Size, Go: "<=", Says: "must be at most {param}"},
	&Rule{Name: "gte", Form: Bound, On: Measured | Time, Param: Size, Go: ">=", Says: "must be at least {param}", Note: "`min`."},
	&Rule{Name: "lte", Form: Bound, On: Measured | Time, Param: Size, Go: "<=", Says: "must be at most {param}", Note: "`max`."},
	&Rule{Name: "gt", Form: Bound, On: Measured | Time, Param: Size, Go: ">", Says: "must be greater than {param}"},
	&Rule{Name: "lt", Form: Bound, On: Measured | Time, Param: Size, Go: "<", Says: "must be less than {param}"},
	&Rule{Name: "len", Form: Bound, On: Measured, Param: Size, Go: "==", Says: "must have exactly {param} characters"},
)

var choices = inGroup(Choices,
	&Rule{Name: "eq", Form: Equal, On: Measured | Bool, Param: Value, Go: "==", Says: "must be {param}", Note: "Slices, arrays and maps by length; strings by their text."},
	&Rule{Name: "ne", Form: Equal, On: Measured | Bool, Param: Value, Go: "!=", Says: "must not be {param}"},
	&Rule{Name: "eq_ignore_case", Form: OneOf, On: Text, Param: Value, Go: "==", Says: "must be {param} in upper or lower case"},
	&Rule{Name: "ne_ignore_case", Form: OneOf, On: Text, Param: Value, Go: "!=", Says: "must not be {param} in upper or lower case"},
	&Rule{Name: "oneof", Form: OneOf, On: Text | Int | Uint | Duration, Param: Words, Go: "==", Says: "must be one of {param}",
		Note: "Apart by spaces; single quotes keep words together: `oneof='in transit' done`."},
	&Rule{Name: "noneof", Form: OneOf, On: Text | Int | Uint | Duration, Param: Words, Go: "!=", Says: "must be none of {param}"},
	&Rule{Name: "oneofci", Form: OneOf, On: Text, Param: Words, Go: "==", Says: "must be one of {param} in upper or lower case"},
	&Rule{Name: "noneofci", Form: OneOf, On: Text, Param: Words, Go: "!=", Says: "must be none of {param} in upper or lower case"},
)

const (
	equated  = Measured | Bool | Time
	sized    = Text | Number | Duration | Time
	measured = Measured | Time
	lengths  = "Strings by their number of bytes."
	letters  = "Strings by their text, slices, arrays and maps by length."
)

var fields = inGroup(Fields,
	&Rule{Name: "eqfield", Form: Field, On: equated, Param: Path, Go: "==", Says: "must equal {field}",
		Note: "Both of one kind. Slices, arrays and maps by length. A nil pointer equals nothing."},
	&Rule{Name: "nefield", Form: Field, On: equated, Param: Path, Go: "!=", Says: "must differ from {field}"},
	&Rule{Name: "gtfield", Form: Field, On: sized, Param: Path, Go: ">", Says: "must be greater than {field}", Note: lengths},
	&Rule{Name: "gtefield", Form: Field, On: sized, Param: Path, Go: ">=", Says: "must be at least {field}", Note: lengths},
	&Rule{Name: "ltfield", Form: Field, On: sized, Param: Path, Go: "<", Says: "must be less than {field}", Note: lengths},
	&Rule{Name: "ltefield", Form: Field, On: sized, Param: Path, Go: "<=", Says: "must be at most {field}", Note: lengths},
	&Rule{Name: "eqcsfield", Form: Field, On: equated, Param: Path, Go: "==", Says: "must equal {field}", Note: "`eqfield`: in the reference, too, all of these take a path."},
	&Rule{Name: "necsfield", Form: Field, On: equated, Param: Path, Go: "!=", Says: "must differ from {field}", Note: "`nefield`."},
	&Rule{Name: "gtcsfield", Form: Field, On: measured, Param: Path, Go: ">", Says: "must be greater than {field}", Note: letters},
	&Rule{Name: "gtecsfield", Form: Field, On: measured, Param: Path, Go: ">=", Says: "must be at least {field}", Note: letters},
	&Rule{Name: "ltcsfield", Form: Field, On: measured, Param: Path, Go: "<", Says: "must be less than {field}", Note: letters},
	&Rule{Name: "ltecsfield", Form: Field, On: measured, Param: Path, Go: "<=", Says: "must be at most {field}", Note: letters},
	&Rule{Name: "fieldcontains", Form: FieldIn, On: Text, Param: Path, Go: "strings.Contains(x, param)", Says: "must contain {field}"},
	&Rule{Name: "fieldexcludes", Form: FieldIn, On: Text, Param: Path, Go: "!strings.Contains(x, param)", Says: "must not contain {field}"},
)

var conditions = inGroup(Conditions,
	&Rule{Name: "required_if", Form: When, On: Anything, Param: Pairs, Says: "is required when {when}",
		Note: "Fields and values by turns, all of which must match: `required_if=Status paid Kind 'card payment'`. A value is text, a number, `true` or `false`; of a slice or map its length, or `nil`; of a pointer what it points to, or `nil`."},
	&Rule{Name: "required_unless", Form: When, On: Anything, Param: Pairs, Says: "is required unless {when}", Note: "One match is enough."},
	&Rule{Name: "required_with", Form: When, On: Anything, Param: Paths, Says: "is required when {when}", Note: "Any of the fields is set."},
	&Rule{Name: "required_with_all", Form: When, On: Anything, Param: Paths, Says: "is required when {when}", Note: "All of the fields are set."},
	&Rule{Name: "required_without", Form: When, On: Anything, Param: Paths, Says: "is required when {when}", Note: "Any of the fields is not set."},
	&Rule{Name: "required_without_all", Form: When, On: Anything, Param: Paths, Says: "is required when {when}", Note: "None of the fields is set."},
	&Rule{Name: "skip_unless", Form: When, On: Anything, Param: Pairs, Says: "is required when {when}", Note: "`required_if`, as the reference has it."},
	&Rule{Name: "excluded_if", Form: When, On: Anything, Param: Pairs, Says: "must not be set when {when}"},
	&Rule{Name: "excluded_unless", Form: When, On: Anything, Param: Pairs, Says: "must not be set unless {when}"},
	&Rule{Name: "excluded_with", Form: When, On: Anything, Param: Paths, Says: "must not be set when {when}"},
	&Rule{Name: "excluded_with_all", Form: When, On: Anything, Param: Paths, Says: "must not be set when {when}"},
	&Rule{Name: "excluded_without", Form: When, On: Anything, Param: Paths, Says: "must not be set when {when}"},
	&Rule{Name: "excluded_without_all", Form: When, On: Anything, Param: Paths, Says: "must not be set when {when}"},
)

var elements = inGroup(Elements,
	&Rule{Name: "unique", Form: Unique, On: Collection, Param: Elem, Says: "must not have equal elements",
		Note: "Pointers by what they point to, maps by their values. `unique=Field`: structs by one of their fields."},
)
