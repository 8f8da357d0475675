package necroctl

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestTree shows every event once: below its parent, below a line for one that is not stored,
// and when two claim to have emitted each other.
func TestTree(t *testing.T) {
	id := func(n byte) contract.ID { return contract.ID{15: n} }
	chain := &operate.Chain{Correlation: id(9)}
	for _, l := range []struct {
		name      string
		id, above byte
	}{{"FIRST", 1, 0}, {"SECOND", 2, 1}, {"THIRD", 3, 2}, {"OTHER", 4, 1}, {"ORPHAN", 5, 9}, {"TWIN", 6, 9}, {"HEN", 7, 8}, {"EGG", 8, 7}, {"SELF", 10, 10}} {
		m := contract.Message{ID: id(l.id), Type: &contract.EventType{Name: l.name}, Causation: id(l.above)}
		chain.Links = append(chain.Links, &operate.Link{Message: m, Places: []operate.Place{{Place: "dead", Organ: "a"}, {Place: "parked"}}})
	}
	var out bytes.Buffer
	(&run{out: &out}).printChain(chain)
	got := regexp.MustCompile(`(?m) [0-9a-f-]{36} .*|00000000-[0-9a-f-]{27}`).ReplaceAllString(out.String(), "")
	const want = `FIRST
  SECOND
    THIRD
  OTHER
(: the chain's first event, handled)
  ORPHAN
  TWIN
HEN
  EGG
SELF
`
	if got != want {
		t.Errorf("got\n%s", out.String())
	}
}
