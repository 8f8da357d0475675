package necrotest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Bounds on how much of the findings is printed.
const (
	toldFindings = 5
	toldLines    = 4
	toldAlso     = 3
	toldMissed   = 20 // one fault of so many may strike nothing
)

// reportFindings prints the findings as errors of the test.
func (x *exhaustion) reportFindings(t testing.TB) {
	t.Helper()
	if x.err != nil {
		t.Fatalf("necrotest: %v", x.err)
	}
	switch {
	case x.only == "":
	case x.faults+x.seconds > 0:
		t.Logf("necrotest: all calls of the run %q:\n%s", x.only, strings.Join(x.log, "\n"))
	default:
		t.Errorf("necrotest: %s: there is no fault %q here", onlyVariable, x.only)
	}
	for i, f := range x.findings {
		if i == toldFindings {
			t.Errorf("necrotest: and %d more findings", len(x.findings)-i)
			break
		}
		t.Error(f.describeFinding(t.Name()))
	}
	if x.loose {
		t.Error("necrotest: no faults were tried: they will be when the outcome is the same without any")
	}
	if x.missed*toldMissed > x.faults {
		t.Errorf("necrotest: of %d faults %d struck nothing, so not much is shown: do the runs take different ways?", x.faults, x.missed)
	}
	t.Log(x.summarize())
}

// summarize says how many faults and runs there were.
func (x *exhaustion) summarize() string {
	var calls []string
	all := 0
	for _, o := range slices.Sorted(maps.Keys(x.calls)) {
		calls = append(calls, fmt.Sprintf("%s %d", o, x.calls[o]))
		all += x.calls[o]
	}
	faults := fmt.Sprintf("%d faults at them, %d of these crashes", x.faults, x.crashes)
	if x.missed > 0 {
		faults += fmt.Sprintf(", %d that struck nothing", x.missed)
	}
	return fmt.Sprintf("necrotest: %d calls of the backend (%s), %s, and %d deliveries handled twice: %d differences",
		all, strings.Join(calls, ", "), faults, x.seconds, x.differing)
}

// describeFinding writes a finding with its fault and the line that replays it.
func (f *finding) describeFinding(test string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "necrotest: %s", f.where)
	writeList(&b, "\n", f.lines, toldLines)
	if len(f.also) > 0 {
		b.WriteString("\nthe same at:")
		writeList(&b, "\n", f.also, toldAlso)
	}
	if f.name != "" {
		fmt.Fprintf(&b, "\nreplay it: %s='%s' go test -v -run '%s' .", onlyVariable, f.name, testPattern(test))
	}
	return b.String()
}

// writeList writes the first few of a list, indented.
func writeList(b *strings.Builder, sep string, list []string, most int) {
	for i, line := range list {
		if i == most {
			fmt.Fprintf(b, "%s  … and %d more", sep, len(list)-i)
			return
		}
		b.WriteString(sep + "  " + strings.ReplaceAll(line, "\n", "\n  "))
	}
}

// testPattern selects a test by its name.
func testPattern(test string) string {
	parts := strings.Split(test, "/")
	for i := range parts {
		parts[i] = "^" + parts[i] + "$"
	}
	return strings.Join(parts, "/")
}
