package directive

import (
	"go/ast"
	"go/token"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

func scan(text string) *model.Directive {
	return Scan(&ast.Comment{Slash: 1, Text: text}, func(p token.Pos) model.Pos {
		return model.Pos{Line: 1, Column: int(p)}
	})
}

func TestDefaultEventName(t *testing.T) {
	for goName, want := range map[string]string{
		"OrderPlaced": "ORDER_PLACED", "HTTPServer": "HTTP_SERVER", "UserID": "USER_ID", "A": "A",
		"order": "ORDER", "V2Order": "V2_ORDER", "Order2": "ORDER2", "Order_Placed": "ORDER_PLACED",
		"ÜberFahrt": "ÜBER_FAHRT", "ID": "ID",
	} {
		if got := DefaultEventName(goName); got != want {
			t.Errorf("%s: got %s, want %s", goName, got, want)
		}
	}
}

func TestScan(t *testing.T) {
	d := scan("//necro:event NAME  key=Field\toutput ")
	if d == nil || d.Verb != Event || d.Near || len(d.Args) != 3 {
		t.Fatalf("got %+v", d)
	}
	key := d.Args[1]
	if key.Key != "key" || key.Value != "Field" || key.Pos.Column != 21 || key.ValuePos.Column != 25 {
		t.Errorf("got %+v", key)
	}
	if name := Name(d); name == nil || name.Text != "NAME" {
		t.Errorf("name: got %+v", name)
	}
}

func TestNearMiss(t *testing.T) {
	for text, want := range map[string]string{
		"// necro:event": Event, "//Necro:event": Event, "/*necro:event*/": Event, "//necro: event": Event,
		"//nerco:organ": Organ, "//necro handle": Handle, "// necro:handel": Handle,
	} {
		if d := scan(text); d == nil || !d.Near || d.Verb != want {
			t.Errorf("%s: got %+v", text, d)
		}
	}
	for _, text := range []string{
		"// necro is a package", "// the necro:event directive", "//go:generate x", "//micro:event", "// event", "//", "/**/",
	} {
		if d := scan(text); d != nil {
			t.Errorf("%s: got %+v", text, d)
		}
	}
}

func TestPolicy(t *testing.T) {
	p := Policy(scan("//necro:organ NAME retry=5 backoff=100ms..30s timeout=0s concurrency=4 exclusive retry=6 alias=OLD"))
	want := map[string]policykey.Value{
		"retry": {Count: 5}, "backoff": {Duration: 100 * time.Millisecond, Longest: 30 * time.Second},
		"concurrency": {Count: 4}, "exclusive": {On: true},
	}
	if !maps.Equal(p.Values, want) || len(p.Keys) != 5 {
		t.Errorf("got %+v", p)
	}
	if p := Policy(scan("//necro:handle retry=5 concurrency=4")); len(p.Values) != 1 || len(p.Keys) != 1 {
		t.Errorf("a handler has no concurrency: got %+v", p)
	}
}

func TestVocabulary(t *testing.T) {
	if got := KeysOf(Handle); strings.Join(got, " ") != "retry backoff timeout onfail maxhops batch" {
		t.Errorf("keys of a handler: %v", got)
	}
	for word, want := range map[string]string{"ouptut": "output", "outputs": "output", "Output": "", "put": "", "exclusve": ""} {
		if got, ok := MeantFlag(Event, word); got != want || ok != (want != "") {
			t.Errorf("%s: meant %q", word, got)
		}
	}
	for _, name := range []string{"", "1A", "-A", "a b", "a/b", "a!", "e\u0301", "é\xff", strings.Repeat("a", 129)} {
		if ValidName(name) {
			t.Errorf("%q is valid", name)
		}
	}
	for _, name := range []string{"A", "a.b-c_1", "_A", "é", "GRÖẞE", "注文", strings.Repeat("ä", 128)} {
		if !ValidName(name) {
			t.Errorf("%q is not valid", name)
		}
	}
}

// FuzzScan wants no crash and positions inside the comment, whatever stands there.
func FuzzScan(f *testing.F) {
	for _, text := range []string{"//necro:event A key=B", "// necro:event", `//necro:organ "a b" x`, "/*necro:event*/", "//necro:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := scan(text)
		if d == nil {
			return
		}
		for _, a := range d.Args {
			if a.Pos.Column < 1 || a.Pos.Column > len(text) || !strings.HasPrefix(text[a.Pos.Column-1:], a.Text) {
				t.Errorf("%q: %+v", text, a)
			}
		}
		_ = Policy(d)
		_ = Name(d)
	})
}
