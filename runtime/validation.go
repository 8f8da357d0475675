package necro

import (
	"slices"
	"strconv"
	"strings"
)

// ValidationError lists every violation of an event's rules.
type ValidationError struct {
	// Event is the event's name.
	Event string
	// Violations holds at least one violation, in field order.
	Violations []Violation
}

// Violation is one rule that a value breaks. The value itself is left out: it may be a secret.
type Violation struct {
	// Path leads to the value by its wire names: "legs[2].qty".
	Path string
	// Rule is the rule's name as the tag has it, Param its parameter.
	Rule, Param string
	// Message says what the value must be: "must be at least 1".
	Message string
}

// Error lists the violations: "ORDER_PLACED is invalid: order_id: is required; amount: must be greater than 0".
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString(e.Event)
	b.WriteString(" is invalid: ")
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteString("; ")
		}
		if v.Path != "" {
			b.WriteString(v.Path)
			b.WriteString(": ")
		}
		b.WriteString(v.Message)
	}
	return b.String()
}

// Violations collects what generated validators find. The zero value is ready to use,
// and takes no memory until the first violation.
type Violations struct{ list []Violation }

// Add appends a violation.
func (vs *Violations) Add(path, rule, param, message string) {
	vs.list = append(vs.list, Violation{Path: path, Rule: rule, Param: param, Message: message})
}

// Check appends the violation of a cross-field rule; nil is none.
func (vs *Violations) Check(err error) {
	if err != nil {
		vs.Add("", "check", "", err.Error())
	}
}

// Len returns the number of violations.
func (vs *Violations) Len() int { return len(vs.list) }

// Under puts a path in front of the violations from n on: they were found in the value
// that stands there.
func (vs *Violations) Under(n int, path string) {
	for i := range vs.list[n:] {
		v := &vs.list[n+i]
		switch {
		case v.Path == "":
			v.Path = path
		case v.Path[0] == '[':
			v.Path = path + v.Path
		default:
			v.Path = path + "." + v.Path
		}
	}
}

// UnderIndex is Under for element i of what stands at the path: "legs[2]".
func (vs *Violations) UnderIndex(n int, path string, i int) {
	if n < len(vs.list) {
		vs.Under(n, path+"["+strconv.Itoa(i)+"]")
	}
}

// UnderKey is Under for the value of a map at a key: "stock[blue]".
func (vs *Violations) UnderKey(n int, path, key string) {
	if n < len(vs.list) {
		vs.Under(n, path+"["+key+"]")
	}
}

// Sort orders the violations from n on by path: those of a map come in random order.
func (vs *Violations) Sort(n int) {
	slices.SortStableFunc(vs.list[n:], func(a, b Violation) int { return strings.Compare(a.Path, b.Path) })
}

// Nested appends the violations that the Validate of a nested event returned.
func (vs *Violations) Nested(err error) {
	if invalid, ok := err.(*ValidationError); ok {
		vs.list = append(vs.list, invalid.Violations...)
		return
	}
	vs.Check(err)
}

// Err returns nil, or a *ValidationError that lists the violations of an event.
func (vs *Violations) Err(event string) error {
	if len(vs.list) == 0 {
		return nil
	}
	return &ValidationError{Event: event, Violations: vs.list}
}
