package necroctl

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/operate"
)

// TestFieldsAreDocumented compares what -o json prints with the table of docs/necroctl.md.
func TestFieldsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/necroctl.md")
	if err != nil {
		t.Fatal(err)
	}
	for row, v := range map[string]any{
		"`organs`": organ{}, "`events`": event{}, "`tail`": storedEvent{}, "a place": operate.Place{}, "`dead ls`, `dead show`": letter{}, "`doctor`": finding{},
		"`dead redrive`, `dead discard`": lettersDone{}, "a kind": kind{},
		"`scheduled ls`": scheduledEvent{}, "`scheduled run`, `scheduled cancel`": scheduledDone{},
	} {
		var names []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name, omit, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				continue
			}
			name = "`" + name + "`"
			if omit != "" {
				name += "?"
			}
			names = append(names, name)
		}
		want := "| " + row + " | " + strings.Join(names, ", ")
		if !strings.Contains(string(page), "\n"+want) {
			t.Errorf("docs/necroctl.md has no row that begins with\n%s", want)
		}
	}
}
