package topology

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// head begins a file without content.
const head = `{"kind": "necrostack topology", "format": 1, "events": [], "organs": [], "states": []`

// TestFilesOfAnybody: whatever is in a file, it is refused with a reason.
func TestFilesOfAnybody(t *testing.T) {
	deep := strings.Repeat(`{"kind":`, 1_000_000)
	for text, want := range map[string]string{
		"":                                    "no JSON of ours",
		"null":                                `kind is ""`,
		"[]":                                  "a array is out of place",
		`"text"`:                              "a string is out of place",
		deep:                                  "exceeded max depth",
		strings.Repeat("[", 1_000_000):        "exceeded max depth",
		strings.Repeat(" ", maxFile+1):        "more than 16 MiB",
		head + `} {}`:                         "after top-level value",
		head + `, "format": 1e99}`:            "field format",
		head + `, "format": -1}`:              "format is -1",
		head + `, "events": [{"name": "A"}]}`: "version of 1 or more",
		head + `, "events": [null]}`:          "need a name",
		head + `, "events": {"name": "A"}}`:   "field events: a object is out of place",
		head + `, "organs": [{}]}`:            "need a name",
		head + `, "organs": [{"name": "o", "handles": ["A"]}]}`:                                                            `organ o: its event "A" is not among the events`,
		head + `, "events": [{"name": "A", "version": 1, "aliases": ["B"]}], "organs": [{"name": "o", "handles": ["B"]}]}`: `its event "B" is not among`,
		head + `, "organs": [` + strings.Repeat(`{"name": "o"},`, 30) + `{"name": "o"}]}`:                                  "more than 20 organs",
		head + `, "states": [{"name": "s", "version": 1}]}`:                                                                `state "s" of organ ""`,
	} {
		path := filepath.Join(t.TempDir(), "topology.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 500 {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

// FuzzProve: files that are taken are proven without a panic.
func FuzzProve(f *testing.F) {
	f.Add([]byte(head+"}"), []byte(`{"kind": "necrostack snapshot", "format": 1}`))
	f.Add([]byte(`{"kind": "necrostack topology", "format": 1, "events": [{"name": "A", "version": 2, "upcasts": [{"version": 1}]}], "organs": [{"name": "o", "handles": ["A"], "timers": ["A"]}], "states": [{"name": "s", "organ": "o", "version": 1}]}`),
		[]byte(`{"kind": "necrostack snapshot", "format": 1, "organs": [{"name": "o", "events": ["A", "B"], "policy": {"lanes": 3}}], "stored": [{"event": "A@o", "version": 3, "count": 1, "place": "dead"}], "states": [{"organ": "o", "version": 2, "count": 1}], "schedules": [{"event": "A", "every": "1h"}]}`))
	f.Fuzz(func(t *testing.T, release, snapshot []byte) {
		file, s := new(File), new(Snapshot)
		if readJSON(strings.NewReader(string(release)), file) != nil || file.check() != nil {
			return
		}
		r := NewRelease(file)
		ProveRollback(r, r)
		if readJSON(strings.NewReader(string(snapshot)), s) != nil || s.check() != nil {
			return
		}
		Prove(r, s)
	})
}
