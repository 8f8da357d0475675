package necro

import "strings"

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
