// Package diag holds what necrogen tells its users: a diagnostic with a literal code, a
// position, a message and a hint; the catalogue of codes; and the rendering.
package diag

import "go/token"

// Diagnostic is one thing that is wrong.
type Diagnostic struct {
	Code    string // NC012: literal and never reused
	Pos     token.Position
	Message string
	Hint    string    // how to mend it; may be empty
	Related []Related // other places that belong to it
}

// Related is a second place: "first declared here".
type Related struct {
	Pos     token.Position
	Message string
}
