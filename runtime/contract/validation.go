package contract

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// ValidationError lists every violation of an event's rules.
type ValidationError struct {
	// Event is the event's name.
	Event string
	// Violations holds at least one violation, in field order. Of very many it holds the first
	// 1,000, and of those in a value that may stand in itself, as in a tree, 100; a violation of the
	// rule "more" follows them.
	Violations []Violation
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

// A few bytes from outside can claim a million invalid elements, or nest a thousand of them.
const (
	maxViolations = 1000
	maxNested     = 100
	maxPath       = 1024 // bytes
)

// Violation is one rule that a value breaks. The value itself is left out: it may be a secret. Violation.Value
// finds it in the event.
type Violation struct {
	// Path leads to the value by its wire names: "legs[2].qty". One of over 1,024 bytes, as to a
	// value that nests very deep or stands at a long key, has "…" in place of its middle.
	Path string
	// Rule is the rule's name as the tag has it, Param its parameter.
	Rule, Param string
	// Message says what the value must be: "must be at least 1".
	Message string
}

// Violations is what generated validators collect. It takes no memory until the first violation.
type Violations []Violation

// Add appends a violation, unless there are too many.
func (vs *Violations) Add(path, rule, param, message string) {
	switch n := len(*vs); {
	case n < maxViolations:
		*vs = append(*vs, Violation{Path: shortenPath(path), Rule: rule, Param: param, Message: message})
	case n == maxViolations:
		*vs = append(*vs, more)
	}
}

// Check appends the violation of a cross-field rule; nil is none.
func (vs *Violations) Check(err error) {
	if err != nil {
		vs.Add("", "check", "", err.Error())
	}
}

// Under appends the violations of the value that stands at the path.
func (vs *Violations) Under(path string, inner Violations) {
	for _, v := range inner {
		vs.Add(joinPaths(path, v.Path), v.Rule, v.Param, v.Message)
	}
}

// TooDeep says that a value nests deeper than limit, perhaps since it stands in itself.
func (vs *Violations) TooDeep(limit int) {
	vs.Add("", depth, strconv.Itoa(limit), "nests deeper than "+strconv.Itoa(limit)+" levels")
}

// Enter is Under for a value that may stand in itself. When it nests too deep, Enter forgets all
// but that, and returns true: there is no end to what else could be found.
func (vs *Violations) Enter(path string, inner Violations) (tooDeep bool) {
	if len(inner) == 1 && inner[0].Rule == depth && inner[0].Path == "" {
		*vs = inner
		return true
	}
	if len(inner) > maxNested {
		inner = append(inner[:maxNested:maxNested], more)
	}
	vs.Under(path, inner)
	return false
}

// Sort orders the violations from n on by path: those of a map come in random order.
func (vs Violations) Sort(n int) {
	slices.SortStableFunc(vs[n:], func(a, b Violation) int { return strings.Compare(a.Path, b.Path) })
}

// Err returns nil, or a *ValidationError that lists the violations of an event.
func (vs Violations) Err(event string) error {
	if len(vs) == 0 {
		return nil
	}
	return &ValidationError{Event: event, Violations: vs}
}

// more stands for violations that are not listed.
var more = Violation{Rule: "more", Message: "breaks more rules, which are not listed"}

// depth is the rule that a value breaks which nests too deep.
const depth = "depth"

// joinPaths puts two paths together: "legs[2]" and "qty", "legs" and "[2].qty".
func joinPaths(outer, inner string) string {
	if outer == "" || inner == "" || inner[0] == '[' {
		return outer + inner
	}
	return outer + "." + inner
}

// shortenPath leaves out the middle of a path that is too long.
func shortenPath(path string) string {
	if len(path) <= maxPath {
		return path
	}
	const part = maxPath/2 - len("…")
	return strings.ToValidUTF8(path[:part], "") + "…" + strings.ToValidUTF8(path[len(path)-part:], "")
}

// ViolationsOf returns what the Validate of a nested event found.
func ViolationsOf(err error) (vs Violations) {
	if invalid, ok := errors.AsType[*ValidationError](err); ok {
		return invalid.Violations
	}
	vs.Check(err)
	return vs
}
