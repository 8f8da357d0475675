package spelling

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"event", "organ", "retry", "key", "min"}
	for word, want := range map[string]string{
		"evnt": "event", "Event": "event", "oragn": "organ", "kye": "key", "mn": "min", "colour": "", "": "", "x": "", "ked": "key", "kid": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
