package source

import (
	"slices"
	"testing"

	"github.com/vmihailenco/tagparser/v2"
)

// FuzzTagWords compares with the parser of the reference codec.
func FuzzTagWords(f *testing.F) {
	for _, tag := range []string{
		"", "a", "a,omitempty", ",alias:b", "a:b", ":a", "'a b',c", "-,", "a, omitempty ,", "a,alias:'x,y'", `a,alias:'x\'y'`,
		`a\,b`, `a,b:c\,d`, "a,b:(c,(d),e),f", "a'b'c", "a,'b'c:d", `a,b:\`, ",,", "a,b:(", "a,b:'", "a,b:\\\\,c",
	} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		want := tagparser.Parse(tag)
		name, options := "", map[string]string{}
		for i, w := range tagWords(tag) {
			switch {
			case w.at < 0 || w.at > len(tag):
				t.Errorf("%q: %+v is elsewhere", tag, w)
			case i == 0 && w.key == "":
				name = w.value
			case w.key == "":
				options[w.value] = ""
			default:
				options[w.key] = w.value
			}
		}
		if name != want.Name {
			t.Errorf("%q: the name is %q, want %q", tag, name, want.Name)
		}
		for key, value := range want.Options {
			if got, ok := options[key]; !ok || got != value {
				t.Errorf("%q: %s is %q, want %q", tag, key, got, value)
			}
			delete(options, key)
		}
		// The reference drops an empty word at the end.
		if delete(options, ""); len(options) > 0 {
			t.Errorf("%q: %v is too much", tag, options)
		}
	})
}

func TestTagWordsKeepPlaces(t *testing.T) {
	var at []int
	for _, w := range tagWords("name, omitempty,  alias:old,'quoted'") {
		at = append(at, w.at)
	}
	if want := []int{0, 6, 18, 28}; !slices.Equal(at, want) {
		t.Errorf("got %v, want %v", at, want)
	}
}
