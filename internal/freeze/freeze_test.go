package freeze

import (
	"errors"
	"strings"
	"testing"
)

type errorOf struct{ text func() string }

func (e *errorOf) Error() string { return e.text() }

func TestErrorReadsOnce(t *testing.T) {
	calls := 0
	frozen := Error(&errorOf{func() string { calls++; return strings.Repeat("x", calls) }})
	if first, second := frozen.Error(), frozen.Error(); first != "x" || second != "x" || calls != 1 {
		t.Errorf("the texts are %q and %q after %d calls, want x and x after one", first, second, calls)
	}
}

func TestErrorSurvivesPanics(t *testing.T) {
	frozen := Error((*errorOf)(nil))
	if text := frozen.Error(); !strings.Contains(text, "*freeze.errorOf") || !strings.Contains(text, "nil pointer") {
		t.Errorf("the text %q names neither the type nor the nil pointer", text)
	}
	if errors.Unwrap(frozen) != nil {
		t.Error("an error that cannot be read is unwrapped")
	}
}

func TestTextsAreBounded(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	for name, err := range map[string]error{"error": Error(errors.New(huge)), "panic": Panic(huge)} {
		if n := len(err.Error()); n > maxTextBytes+100 {
			t.Errorf("%s: the text has %d bytes, the bound is %d", name, n, maxTextBytes)
		}
	}
}

func TestPanicUnwraps(t *testing.T) {
	cause := errors.New("cause")
	if frozen := Panic(cause); !errors.Is(frozen, cause) || frozen.Error() != "panic: cause" {
		t.Errorf("a panic with an error is %v", frozen)
	}
}
