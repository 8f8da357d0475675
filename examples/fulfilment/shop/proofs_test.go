package shop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/gocommand"
)

// removal takes something out of one declaration.
type removal struct {
	file, begins string   // where the declaration is, and how it begins
	without      []string // what is taken out of it
	code         string   // of the diagnostic that has to follow
}

// giveUp takes away that a method is a give-up handler.
func giveUp(file, method string) removal {
	return removal{file, "//necro:giveup\nfunc (" + method, []string{"//necro:giveup\n"}, "NC171"}
}

// timer takes away that a method of the saga starts its timer.
func timer(method string, without ...string) removal {
	return removal{"fulfilment.go", "func (f *Fulfilment) " + method + "(", append(without, "necro.Timer[OrderLate], ", "f.late(e.OrderID), "), "NC172"}
}

// undo takes away that a method of the saga keeps an undo.
func undo(method string, without ...string) removal {
	return removal{"fulfilment.go", "func (f *Fulfilment) " + method + "(", without, "NC137"}
}

var removals = map[string]removal{
	"give-up of a reservation": giveUp("stock.go", "s *Stock) ReserveFailed"),
	"give-up of a charge":      giveUp("payments.go", "p *Payments) ChargeFailed"),
	"give-up of a parcel":      giveUp("shipping.go", "s *Shipping) SendFailed"),
	"timer of reservations":    timer("Begin"),
	"timer of the charge":      timer("Reserved", "necro.Timer[OrderLate]{}, "),
	"timer of the parcel":      timer("Charged", "necro.Timer[OrderLate]{}, "),
	"undo of reservations":     undo("Begin", "[]necro.Undo[ReleaseItem], ", " undos,"),
	"undo of the charge": undo("Reserved", "necro.Undo[RefundCard]{}, ", "necro.Undo[RefundCard], ",
		"necro.Undo[RefundCard]{Event: &RefundCard{OrderID: e.OrderID}}, "),
	"undo of the parcel": undo("Charged", "necro.Undo[RecallParcel]{}, ", "necro.Undo[RecallParcel], ",
		"necro.Undo[RecallParcel]{Event: &RecallParcel{OrderID: e.OrderID}}, "),
}

// TestProofs takes each give-up handler, timer and undo out of a copy of the saga, and wants necrogen to refuse the rest.
func TestProofs(t *testing.T) {
	necrogen := filepath.Join(t.TempDir(), "necrogen")
	gocommand.Run(t, ".", "build", "-o", necrogen, "github.com/necrostack/necrogen/cmd/necrogen")
	if out, err := generate(t, necrogen, removal{}); err != nil {
		t.Fatalf("the copy as it is: %v\n%s", err, out)
	}
	for name, r := range removals {
		t.Run(name, func(t *testing.T) {
			if out, err := generate(t, necrogen, r); err == nil || !strings.Contains(out, r.code) {
				t.Errorf("%v, without %s:\n%s", err, r.code, out)
			}
		})
	}
}

// generate generates code for a copy of the saga and its organs, after a removal.
func generate(t *testing.T, necrogen string, r removal) (string, error) {
	t.Helper()
	dir := copyModule(t)
	for _, name := range []string{"events.go", "fulfilment.go", "stock.go", "payments.go", "shipping.go"} {
		text := readFile(t, name)
		if name == r.file {
			text = r.apply(t, text)
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
	cmd := exec.Command(necrogen)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyModule makes a module that has the dependencies of this one.
func copyModule(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), strings.ReplaceAll(readFile(t, "../go.mod"), "=> ../..", "=> "+root))
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, "../go.sum"))
	return dir
}

// apply takes the parts out of the declaration, each of which has to be there.
func (r removal) apply(t *testing.T, text string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, r.begins)
	body, after, ends := strings.Cut(rest, "\n}\n")
	if !found || !ends {
		t.Fatalf("%s has no %q", r.file, r.begins)
	}
	body = r.begins + body
	for _, part := range r.without {
		if !strings.Contains(body, part) {
			t.Fatalf("%q has no %q", r.begins, part)
		}
		body = strings.ReplaceAll(body, part, "")
	}
	return before + body + "\n}\n" + after
}

// TestGraph wants the picture in the README to be the one that necrogen draws.
func TestGraph(t *testing.T) {
	cmd := exec.Command("go", "tool", "necrogen", "graph", ".")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(readFile(t, "../README.md"), "```mermaid\n"+string(out)+"```\n") {
		t.Errorf("README.md has another picture than necrogen graph:\n%s", out)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
