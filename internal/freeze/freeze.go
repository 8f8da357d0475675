// Package freeze reads the errors and the panic values of users' code once, where a recover stands around it.
//
// The methods of such a value may panic, may return another text at each call, or a text of many megabytes. The
// functions of this package return errors whose text never changes and whose length is bounded, so that logging and storing
// them later runs no code of users. [Error] freezes an error that was returned, [Panic] a value that was
// panicked with.
package freeze

import "fmt"

// maxTextBytes bounds the text of a frozen error: of a longer one the middle is left out.
const maxTextBytes = 16 << 10

// frozenError is an error with the text that it had when it was frozen.
type frozenError struct {
	text string
	err  error // nil when its own methods panic
}

func (e *frozenError) Error() string { return e.text }
func (e *frozenError) Unwrap() error { return e.err }

// Error calls the methods of an error once, and returns an error with the text that they gave. When one of
// them panics, the text says so.
func Error(err error) (frozen error) {
	defer func() {
		if v := recover(); v != nil {
			frozen = Unreadable(err, v)
		}
	}()
	return &frozenError{text: ShortenMiddle(err.Error(), maxTextBytes), err: err}
}

// Unreadable returns an error in place of one whose own methods panic with v. It does not unwrap to err, because
// errors.Is and errors.As would call these methods again.
func Unreadable(err error, v any) error { return &frozenError{text: unreadableText(err, v)} }

// unreadableText describes an error whose own methods panic with v. An error variable of a pointer
// type that is nil is the usual one.
func unreadableText(err error, v any) string {
	hint := ""
	if PanicText(err) == "panic: <nil>" {
		hint = " (it is a nil pointer in an error: return nil itself)"
	}
	return fmt.Sprintf("an error of type %T cannot be read%s: %s", err, hint, PanicText(v))
}

// Panic returns the error for a panic with v. It unwraps to v where v is an error.
func Panic(v any) error {
	frozen := &frozenError{text: PanicText(v)}
	frozen.err, _ = v.(error)
	return frozen
}

// PanicText describes a value that was panicked with, whose own methods may panic, too.
func PanicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("panic: a %T that cannot be printed", v)
		}
	}()
	return ShortenMiddle(fmt.Sprintf("panic: %v", v), maxTextBytes)
}

// ShortenMiddle returns a text of about limit bytes at most: its beginning and its end tell most.
func ShortenMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	half := limit / 2
	return fmt.Sprintf("%s … %d bytes left out … %s", text[:half], len(text)-2*half, text[len(text)-half:])
}
