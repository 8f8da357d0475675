package table

import (
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// rows are those of a table with two organs, of which one has another name by now.
var rows = []string{
	"digest", "d1", "organ mail", "example.com/mail 8 key", "organ bill", "example.com/bill 64 -",
	"exclusive mail", "1", "state mail", "1", "shown mail", "post", "name post", "mail",
	"event PAID", "mail bill", "event SENT", "bill", "drain SENT", "bill", "ident PAID", "PAYED", "removing gone", "1",
	"of a later release", "unknown",
}

// TestParseBindings reads a table in any order of its rows.
func TestParseBindings(t *testing.T) {
	reversed := []string{}
	for pair := range slices.Chunk(rows, 2) {
		reversed = append(slices.Clone(pair), reversed...)
	}
	for _, rows := range [][]string{rows, reversed} {
		b, err := ParseBindings(rows)
		if err != nil {
			t.Fatal(err)
		}
		mail := b.OrganNamed("post")
		if mail == nil || mail != b.OrganNamed("mail") || mail.Shown != "post" || mail.Pack != 8 || !mail.Stateful || mail.Mode != (Mode{Order: "key", Exclusive: true}) {
			t.Errorf("the renamed organ is %+v", mail)
		}
		if b.Digest != "d1" || b.EventIdentity("PAID") != "PAYED" || b.EventIdentity("SENT") != "SENT" || !b.Removing["gone"] {
			t.Errorf("the table is %+v", b)
		}
		if n := len(b.DirectTargets("PAID")); n != 2 {
			t.Errorf("PAID goes to %d organs", n)
		}
		if to := b.DirectTargets("SENT"); to != nil {
			t.Errorf("SENT, whose park is handed over, goes to %v", to)
		}
	}
}

// TestAlteredTableIsRefused reads rows that nothing of ours writes.
func TestAlteredTableIsRefused(t *testing.T) {
	for _, c := range []struct{ name, value, said string }{
		{"organ a", "path 1", "want path, pack and order"},
		{"organ a", "path 0 -", "a pack of"},
		{"organ a", "path 65 -", "a pack of"},
		{"event E", "nowhere", "not bound"},
	} {
		if _, err := ParseBindings([]string{c.name, c.value}); err == nil || !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %s: the error is %v, want one with %q", c.name, c.value, err, c.said)
		}
	}
}

// TestRoutes: messages of one event share a route, whose pack is that of the organ with the smallest ones; others are parked,
// or go nowhere.
func TestRoutes(t *testing.T) {
	b, err := ParseBindings(rows)
	if err != nil {
		t.Fatal(err)
	}
	rs := NewRoutes(store.Keys("necro:{test:0}:"), b)
	paid := &contract.EventType{Name: "PAID"}
	first := rs.RouteOf(paid)
	if rs.RouteOf(paid) != first || len(rs.List) != 1 || rs.List[first].Pack != 8 || len(rs.List[first].Targets) != 2 {
		t.Errorf("routes of PAID: %+v", rs.List)
	}
	for _, c := range []struct {
		event *contract.EventType
		want  store.Route
	}{
		{&contract.EventType{Name: "NEW"}, store.Route{Event: "NEW", Park: true, Pack: 1}},
		{&contract.EventType{Name: "OUT", Output: true}, store.Route{Event: "OUT", Pack: 1}},
		{&contract.EventType{Name: "SENT"}, store.Route{Event: "SENT", Park: true, Behind: true, Pack: 1}},
	} {
		got := rs.List[rs.RouteOf(c.event)]
		if got.Event != c.want.Event || got.Park != c.want.Park || got.Behind != c.want.Behind || got.Pack != c.want.Pack || len(got.Targets) > 0 {
			t.Errorf("the route is %+v, want %+v", got, c.want)
		}
	}
	later := rs.LaterRoute(paid)
	if later == first || !rs.List[later].Later || rs.RouteOf(paid) != first {
		t.Errorf("a delayed event has the route %+v", rs.List[later])
	}
	if front := rs.DirectRoute(b.Organs["mail"], true); !rs.Targets[rs.List[front].Targets[0]].Front {
		t.Error("a retry of an ordered organ does not go to its front stream")
	}
	if n := len(rs.Targets); n != 3 { // mail, bill, and the front of mail
		t.Errorf("%d targets", n)
	}
}
