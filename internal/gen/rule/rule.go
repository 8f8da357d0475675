package rule

import "strings"

// Rule is one entry of the table.
type Rule struct {
	Name  string
	Group Group
	Form  Form
	Param Param

	// On are the values that a rule fits which is no Call.
	On Kinds
	// Go is the condition that must hold for a text: a call of package rules or strings, where
	// x is the value, param the parameter, char its only character, and pattern the variable
	// that it names. Also has the same for other kinds; x is then an int64, uint64, float64,
	// []byte or, for a Stringer, the string. For Bound and Field it is the operator.
	Go   string
	Also map[Kinds]string

	// Says is what a violation says, where {param} is the parameter.
	Says string
	// Note is what the document adds, in Markdown.
	Note string

	// Good and Bad are texts that a rule on text takes and refuses.
	Good, Bad []string
}

// Group is the heading under which a rule stands in the document.
type Group string

// The groups, in the order of the document.
const (
	Presence   Group = "Presence"
	Sizes      Group = "Size and order"
	Choices    Group = "Choice"
	Fields     Group = "Other fields"
	Conditions Group = "Presence by other fields"
	Elements   Group = "Elements"
	Texts      Group = "Text"
	Formats    Group = "Formats"
	Networks   Group = "Networks"
	Encodings  Group = "Encodings and hashes"
	Colors     Group = "Colors"
	Codes      Group = "Codes and numbers"
)

// Form says how the generator writes a rule.
type Form int

// The forms.
const (
	Call    Form = iota // the expression in Go and Also
	Omit                // omitempty, omitnil, omitzero: the rules behind it are for values that are set
	Stop                // structonly, nostructlevel: a struct is not entered
	Set                 // required
	Unset               // isdefault
	Bound               // a size or a number compared by the operator in Go
	Equal               // eq, ne: the operator in Go
	OneOf               // oneof and its relatives
	Field               // compared with another field by the operator in Go
	FieldIn             // fieldcontains, fieldexcludes
	When                // required and excluded by other fields
	Unique
)

// Param is the form of the text behind the "=".
type Param int

// The parameters.
const (
	None     Param = iota
	Size           // as the value's kind reads it; nothing on a time
	Value          // as the value's kind reads it, also an empty text
	Literal        // a text that is not empty
	Char           // one character
	Words          // a list by spaces, with single quotes
	Path           // a field of the same struct, or a path of fields
	Paths          // a list of them
	Pairs          // a list of fields and values by turns
	Elem           // nothing, or a field of the elements
	Layout         // a layout of package time
	Variable       // a variable of the package that holds a *regexp.Regexp
)

// Fits returns the kinds that a rule fits.
func (r *Rule) Fits() Kinds {
	fits := r.On
	if r.Form == Call && r.Go != "" {
		fits |= Text
	}
	for k := range r.Also {
		fits |= k
	}
	return fits
}

// Expression returns the condition of a Call on a value of the kinds, and the kinds that it is for:
// x is a float64 where they are several numbers.
func (r *Rule) Expression(of Kinds) (expr string, as Kinds) {
	if of&Text != 0 {
		return r.Go, Text
	}
	for k, expr := range r.Also {
		if of&k != 0 {
			return expr, k
		}
	}
	return "", 0
}

// Excludes says whether a When rule wants nothing, and not something, when its condition holds.
func (r *Rule) Excludes() bool { return strings.HasPrefix(r.Name, "excluded_") }

// FoldsCase says whether a OneOf rule takes upper and lower case for the same.
func (r *Rule) FoldsCase() bool {
	return strings.HasSuffix(r.Name, "ci") || strings.HasSuffix(r.Name, "_ignore_case")
}

// Find returns the rule of a name.
func Find(name string) (*Rule, bool) {
	r, ok := byName[name]
	return r, ok
}

// All returns all rules in the order of the document.
func All() []*Rule { return all }

// Names returns the names of all rules, and dive, keys and endkeys.
func Names() []string {
	names := []string{"dive", "keys", "endkeys"}
	for _, r := range all {
		names = append(names, r.Name)
	}
	return names
}
