package backendtest

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// hostileTests hold that nothing a handler returns or panics with harms more than its own delivery.
var hostileTests = []test{
	{"HostileErrorsAreFailures", hostileErrors},
	{"HugeErrorTextIsShortened", hugeErrorText},
}

// wickedError is an error whose methods panic, each when it is told to.
type wickedError struct {
	atError, atUnwrap, atIs, atAs any // what a method panics with; nil for nothing
	leaves                        bool
}

func (e *wickedError) Error() string {
	if e.leaves {
		runtime.Goexit()
	}
	panicWith(e.atError) // of a nil pointer: a dereference
	return "wicked"
}

func (e *wickedError) Unwrap() error { panicWith(e.atUnwrap); return nil }
func (e *wickedError) Is(error) bool { panicWith(e.atIs); return false }
func (e *wickedError) As(any) bool   { panicWith(e.atAs); return false }
func panicWith(v any) {
	if v != nil {
		panic(v)
	}
}
func selfPanicking() (e *wickedError) { e = new(wickedError); e.atError = e; return e }

// hostileErrors become dead letters with a text, whatever their methods do; the next event is handled.
func hostileErrors(e *env) {
	for name, fail := range map[string]func() error{
		"a nil pointer":           func() error { return (*wickedError)(nil) },
		"Error panics":            func() error { return &wickedError{atError: "wicked"} },
		"Error panics with it":    func() error { return selfPanicking() },
		"Unwrap panics":           func() error { return &wickedError{atUnwrap: "wicked"} },
		"Is panics":               func() error { return &wickedError{atIs: "wicked"} },
		"As panics":               func() error { return &wickedError{atAs: "wicked"} },
		"Error ends the routine":  func() error { return &wickedError{leaves: true} },
		"joined":                  func() error { return errors.Join(errors.New("plain"), selfPanicking()) },
		"panic with a nil":        func() error { panic((*wickedError)(nil)) },
		"panic with an error":     func() error { panic(&wickedError{atError: "wicked"}) },
		"panic with one of those": func() error { panic(selfPanicking()) },
	} {
		b := e.open()
		policy := e.policy()
		policy.Retry = 2
		var handled journal[int64]
		var logged logs
		s := e.spine(b, organs(newOrgan("all", policy, on(func(_ context.Context, ev *eventA, _ emit) error {
			if ev.N == 1 {
				return fail()
			}
			handled.add(ev.N)
			return nil
		}))), necro.WithLogger(slog.New(&logged)))
		e.sendA(s, 1, 2)
		e.drain(s)
		wants(e, name+": handled", &handled, 2)
		if l := e.theLetter(b, "all"); l.Error == "" || l.Reason != contract.ReasonExhausted {
			e.Errorf("%s: the dead letter says %q, reason %s; want a text, and reason %s", name, l.Error, l.Reason, contract.ReasonExhausted)
		}
	}
}

// hugeErrorText is cut in its middle, in the dead letter and in the log.
func hugeErrorText(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 1
	var logged logs
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		return errors.New("the beginning " + strings.Repeat("x", 50<<20) + " the end")
	}))), necro.WithLogger(slog.New(&logged)))
	e.sendA(s, 1, 1)
	e.drain(s)
	text := e.theLetter(b, "all").Error
	if len(text) > 32<<10 || !strings.HasPrefix(text, "the beginning") || !strings.HasSuffix(text, "the end") {
		e.Errorf("the dead letter has a text of %d bytes, %.20q; want its beginning and its end, 32 KiB at most", len(text), text)
	}
	if logged.contains(func(r map[string]string) bool { return len(r["error"]) > 32<<10 }) {
		e.Errorf("a log line has an error of more than 32 KiB")
	}
}
