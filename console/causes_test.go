package console_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/runtime/contract"
)

// busy is an error that differs from letter to letter.
func busy(n int) contract.Death {
	return contract.Death{Reason: contract.ReasonExhausted, Error: fmt.Sprintf("charge order-%d: 503, request 0a%dff", n, n)}
}

// TestCauses groups letters by what they have in common, and redrives those of one cause: the others stay.
func TestCauses(t *testing.T) {
	s := openShop(t, console.WithActions(nil))
	for n := range 3 {
		s.bury(busy(n), packText("name", "Ada"))
	}
	s.bury(contract.Death{Reason: contract.ReasonPermanent, Error: "card expired"}, packText("name", "Ada"))
	const shape = "charge order-#: #, request #"
	_, page, _ := s.get(linkOf("dead", "organ", organ))
	if !regexp.MustCompile(`(?s)<td class="number">3</td>.{0,400}` + shape + `.*<td class="number">1</td>.{0,400}card expired`).MatchString(page) {
		t.Errorf("the causes are not told:\n%s", page)
	}
	_, page, _ = s.get(linkOf("dead", "organ", organ, "reason", "exhausted", "error", shape))
	if _, list, _ := strings.Cut(page, "Oldest first"); strings.Count(list, "charge order-") != 3 || strings.Contains(list, "expired") {
		t.Errorf("not the letters of one cause:\n%s", list)
	}
	for _, verb := range []string{"redrive-all", "discard-all"} {
		_, page, _ = s.get(linkOf("confirm", "verb", verb, "organ", organ, "error", shape))
		if !strings.Contains(page, "<dd>3</dd>") || !strings.Contains(page, `name="count" value="4"`) || !strings.Contains(page, `name="error" value="`+shape+`"`) {
			t.Errorf("%s: the question does not tell what is meant:\n%s", verb, page)
		}
	}
	if _, answer, location := s.post(nil, "verb", "redrive-all", "organ", organ, "count", "4", "error", shape); !strings.Contains(location, "n=3") {
		t.Errorf("%s: %s", location, answer)
	}
	if h := s.backend.Backend.Health(t.Context()).Organs[0]; h.Ready != 3 || h.Dead != 1 {
		t.Errorf("%d are ready, %d dead", h.Ready, h.Dead)
	}
}

// TestPagesReadFewLetters: a page of an organ with many letters reads the oldest 1,000 to tell causes, and says so.
func TestPagesReadFewLetters(t *testing.T) {
	s := openShop(t, console.WithActions(nil))
	var payloads [][]byte
	for range 1000 {
		payloads = append(payloads, nil)
	}
	s.bury(busy(1), payloads...)
	if _, err := s.backend.Subscribe(t.Context(), []contract.Subscription{{
		Organ: organ, Path: "example.com/shop", Events: []*contract.EventType{placed}, Lease: time.Minute, DeadLimit: 2000, DeadBytes: 8 << 20,
	}}); err != nil {
		t.Fatal(err)
	}
	s.bury(busy(2), payloads[:200]...)
	s.backend.letters.Store(0)
	_, page, _ := s.get(linkOf("dead", "organ", organ))
	if calls := s.backend.letters.Load(); calls > 21 || !strings.Contains(page, "of the oldest 1000 letters") {
		t.Errorf("%d calls for letters:\n%s", calls, page)
	}
	if _, page, _ = s.get(linkOf("confirm", "verb", "redrive-all", "organ", organ, "reason", "exhausted")); !strings.Contains(page, "1000 of the oldest 1000") {
		t.Errorf("the question does not say that it has read a part:\n%s", page)
	}
}

// TestChosenLettersHavePages: the letters of a cause are found beyond the first page, and each of them from its list.
func TestChosenLettersHavePages(t *testing.T) {
	s := openShop(t)
	for n := range 70 {
		s.bury(contract.Death{Reason: contract.ReasonPermanent, Error: "card expired"}, packText("name", "Ada"))
		s.bury(busy(n), packText("name", "Ada"))
	}
	letters := map[string]bool{}
	address := linkOf("dead", "organ", organ, "reason", "exhausted")
	for range 3 {
		_, page, _ := s.get(address)
		for _, link := range regexp.MustCompile(`href="(letter\?[^"]+)"`).FindAllStringSubmatch(page, -1) {
			letters[strings.ReplaceAll(link[1], "&amp;", "&")] = true
		}
		next := regexp.MustCompile(`href="(dead\?[^"]+)">Next page`).FindStringSubmatch(page)
		if next == nil {
			break
		}
		address = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	if len(letters) != 70 {
		t.Errorf("%d letters are listed", len(letters))
	}
	for address := range letters {
		if status, page, _ := s.get(address); status != 200 || !strings.Contains(page, "503, request") {
			t.Fatalf("%s: %d\n%s", address, status, page)
		}
	}
}

// TestStates shows the records of an organ, by their keys.
func TestStates(t *testing.T) {
	s := openShop(t)
	consumers, err := s.backend.Subscribe(t.Context(), []contract.Subscription{{
		Organ: "shop.Desk", Path: "example.com/shop", Events: []*contract.EventType{placed}, Lease: time.Minute, DeadLimit: 1, DeadBytes: 1 << 20, State: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.publish(time.Time{}, packText("name", "Ada"))
	ds, err := consumers[0].Fetch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	write := &contract.StateWrite{Write: 7, Version: 3, Value: packText("password", "hunter2")}
	if _, err := consumers[0].Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], State: write}}); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		linkOf("organ", "organ", "shop.Desk"):                       "states?organ=shop.Desk",
		linkOf("states", "organ", "shop.Desk"):                      "state?key=order-7",
		linkOf("state", "organ", "shop.Desk", "key", "order-7"):     "&#34;password&#34;: &#34;***&#34;",
		linkOf("state", "organ", "shop.Desk", "key", "order-8"):     "has no state for this key",
		linkOf("states", "organ", organ):                            "keeps no states",
		linkOf("states", "organ", "no"):                             "the overview lists all organs",
		linkOf("states", "organ", "shop.Desk", "after", "x\x1b<b>"): "alert",
		linkOf("chain", "id", ds[0].Message.ID.String()):            "ORDER_PLACED",
		linkOf("chain", "id", contract.NewID().String()):            "all were handled",
		linkOf("chain", "id", "x"):                                  "32 hexadecimal digits",
	} {
		if _, page, _ := s.get(address); !strings.Contains(page, want) || strings.Contains(page, "hunter2") || strings.Contains(page, "\x1b") {
			t.Errorf("%s: want %q in\n%s", address, want, page)
		}
	}
}

// TestDrawingsAreBounded: more arrows than can be read are not drawn.
func TestDrawingsAreBounded(t *testing.T) {
	s := openShop(t)
	var events []*contract.EventType
	for n := range 30 {
		events = append(events, &contract.EventType{Name: fmt.Sprintf("EVENT_%d", n), Version: 1})
	}
	var list []contract.Subscription
	for n := range 30 {
		list = append(list, contract.Subscription{Organ: fmt.Sprintf("shop.Organ%d", n), Path: "example.com/shop", Events: events, Lease: time.Minute})
	}
	if _, err := s.backend.Subscribe(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if _, page, _ := s.get("overview"); strings.Contains(page, "<svg") || !strings.Contains(page, "than a drawing can show") {
		t.Errorf("900 arrows are drawn:\n%s", page)
	}
}
