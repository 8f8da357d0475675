package backendtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

var adminTests = []test{
	{"DeadLettersAreListedInPages", deadLettersInPages},
	{"DeadLettersGoOnBehindWhatIsGone", deadLettersGoOn},
	{"AdminOfAnUnknownOrganIsAnError", adminOfAnUnknownOrgan},
	{"RedriveStoresAgain", redriveStoresAgain},
	{"RedriveStoresOnce", redriveStoresOnce},
	{"EditedLetterTakesItsPlace", editedLetter},
	{"DiscardForgets", discardForgets},
	{"PauseStopsAnOrganEverywhere", pauseStopsAnOrgan},
	{"PauseLosesNothing", pauseLosesNothing},
	{"RemoveOrganForgetsIt", removeOrganForgetsIt},
}

// buried publishes events and buries them.
func (e *env) buried(b contract.Backend, c *consumer, first, last int64) {
	e.Helper()
	e.publish(b, messagesA(first, last)...)
	for _, d := range c.take(int(last - first + 1)) {
		c.settles(bury(d, contract.Death{Reason: contract.ReasonPermanent}))
	}
}

func deadLettersInPages(e *env) {
	b := e.open()
	admin := e.admin(b)
	cs := e.subscribe(b, e.organ("all", typeA), e.organ("other", typeA))
	e.buried(b, cs[0], 1, 5)
	var after contract.ID
	for _, want := range [][]int64{{1, 2}, {3, 4}, {5}, {}} {
		page, err := admin.DeadLetters(e.ctx, "all", after, 2)
		e.ok(err, "list")
		same(e, "page length", len(page), len(want))
		for i := range min(len(page), len(want)) {
			same(e, "dead letter", numberOf(&page[i].Message), want[i])
			after = page[i].ID
		}
	}
	same(e, "dead letters of another organ", len(e.deadLetters(b, "other")), 0)
}

// deadLettersGoOn works off each page before it asks for the next: by a discard, by a redrive, and
// by a discard of its last letter alone, which is the one that the next page is behind.
func deadLettersGoOn(e *env) {
	b := e.open()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.buried(b, c, 1, 8)
	page := func(after contract.ID, want ...int64) []contract.ID {
		e.Helper()
		letters, err := admin.DeadLetters(e.ctx, "all", after, 2)
		e.ok(err, "list")
		ids, numbers := make([]contract.ID, len(letters)), make([]int64, len(letters))
		for i := range letters {
			ids[i], numbers[i] = letters[i].ID, numberOf(&letters[i].Message)
		}
		if !slices.Equal(numbers, want) {
			e.Fatalf("page: got %v, want %v", numbers, want)
		}
		return ids
	}
	work := func(what func(context.Context, string, ...contract.ID) (int, error), ids ...contract.ID) {
		e.Helper()
		n, err := what(e.ctx, "all", ids...)
		e.ok(err, "work off a page")
		same(e, "worked off", n, len(ids))
	}
	first := page(contract.ID{}, 1, 2)
	work(admin.Discard, first...)
	second := page(first[1], 3, 4)
	work(admin.Redrive, second...)
	third := page(second[1], 5, 6)
	work(admin.Discard, third[1])
	last := page(third[1], 7, 8)
	page(last[1])
	work(admin.Discard, last[0])
	page(first[1], 5, 8)
	page(last[0], 8)
	if _, err := admin.DeadLetters(e.ctx, "all", contract.NewID(), 2); err == nil {
		e.Error("a page behind an id that no dead letter ever had is no error")
	}
}

func adminOfAnUnknownOrgan(e *env) {
	b := e.open()
	admin := e.admin(b)
	e.subscribe(b, e.organ("all", typeA))
	_, list := admin.DeadLetters(e.ctx, "nope", contract.ID{}, 10)
	_, redrive := admin.Redrive(e.ctx, "nope", contract.NewID())
	_, discard := admin.Discard(e.ctx, "nope", contract.NewID())
	for call, err := range map[string]error{
		"list":    list,
		"redrive": redrive,
		"discard": discard,
		"pause":   admin.Pause(e.ctx, "nope", "maintenance"),
		"resume":  admin.Resume(e.ctx, "nope"),
		"remove":  admin.RemoveOrgan(e.ctx, "nope"),
	} {
		if !errors.Is(err, contract.ErrNoOrgan) {
			e.Errorf("%s: error %v, want %v", call, err, contract.ErrNoOrgan)
		} else if !strings.Contains(err.Error(), "nope") {
			e.Errorf("%s: error %q does not name the organ", call, err)
		}
	}
	same(e, "reason", e.health(b, "nope"), contract.OrganHealth{})
	same(e, "reason of another organ", e.health(b, "all").Paused, "")
}

// redriveStoresAgain with nothing spent, and only the named letters.
func redriveStoresAgain(e *env) {
	b := e.open()
	admin := e.admin(b)
	cs := e.subscribe(b, e.organ("all", typeA), e.organ("other", typeA))
	msg := messagesA(1, 1)[0]
	e.publish(b, msg)
	cs[0].settles(retry(cs[0].one(), 0))
	cs[0].settles(decline(cs[0].one(), 0))
	cs[0].settles(bury(cs[0].one(), contract.Death{Reason: contract.ReasonExhausted}))
	e.buried(b, cs[0], 2, 2)
	cs[1].ack(cs[1].takes(1, 2)...)

	n, err := admin.Redrive(e.ctx, "all", contract.DeliveryID(msg.ID, "all"), contract.NewID())
	e.ok(err, "redrive")
	same(e, "redriven", n, 1)
	same(e, "dead", e.health(b, "all").Dead, 1)
	d := cs[0].takes(1)[0]
	sameEnvelope(e, &d.Message, &msg)
	same(e, "attempts", d.Attempts, 0)
	same(e, "declines", d.Declines, 0)
	same(e, "declined", d.Declined, 0)
	same(e, "crashes", d.Crashes, 0)
	cs[0].ack(d)
	same(e, "stored for another organ", stored(e.health(b, "other")), 0)
}

// redriveStoresOnce though two operators press the button at the same moment.
func redriveStoresOnce(e *env) {
	const letters = 10
	b := e.open()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.buried(b, c, 1, letters)
	var ids []contract.ID
	for _, l := range e.deadLetters(b, "all") {
		ids = append(ids, l.ID)
	}
	var redriven atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			n, err := admin.Redrive(e.ctx, "all", ids...)
			if err != nil {
				e.Errorf("redrive: %v", err)
			}
			redriven.Add(int64(n))
		})
	}
	wg.Wait()
	same(e, "redriven", redriven.Load(), letters)
	h := e.health(b, "all")
	same(e, "stored", stored(h), letters)
	same(e, "dead", h.Dead, 0)
	same(e, "dead bytes", h.DeadBytes, 0)
}

// editedLetter stores another event in the place of a letter: once, for its organ alone, and nothing where the letter is gone.
func editedLetter(e *env) {
	b := e.open()
	editor := asTrait[contract.LetterEditor](e, b, Edits)
	cs := e.subscribe(b, e.organ("all", typeA), e.organ("other", typeA))
	e.buried(b, cs[0], 1, 2)
	cs[1].ack(cs[1].takes(1, 2)...)
	letter := e.deadLetters(b, "all")[0]
	edited := letter.Message
	edited.Event, edited.ID = nil, contract.NewID()
	var err error
	edited.Payload, err = (&eventA{N: 7, Key: edited.Key}).AppendMsgpack(nil)
	e.ok(err, "encode")
	for name, change := range map[string]func(*contract.Message){
		"the letter's id": func(m *contract.Message) { m.ID = letter.ID },
		"no id":           func(m *contract.Message) { m.ID = contract.ID{} },
		"no payload":      func(m *contract.Message) { m.Payload = nil },
		"a delay":         func(m *contract.Message) { m.Due = 1 },
	} {
		bad := edited
		change(&bad)
		if _, err := editor.RedriveEdited(e.ctx, "all", letter.ID, &bad); err == nil {
			e.Errorf("an edited event with %s is taken", name)
		}
	}
	same(e, "dead behind what was refused", e.health(b, "all").Dead, 2)

	for _, want := range []bool{true, false} { // the second time it is gone
		moved, err := editor.RedriveEdited(e.ctx, "all", letter.ID, &edited)
		e.ok(err, "redrive edited")
		same(e, "the letter was there", moved, want)
	}
	h := e.health(b, "all")
	same(e, "dead", h.Dead, 1)
	same(e, "stored", stored(h), 1)
	d := cs[0].takes(7)[0]
	sameEnvelope(e, &d.Message, &edited)
	same(e, "the id of the delivery is that of the letter", d.ID == letter.ID, false)
	same(e, "attempts", d.Attempts, 0)
	cs[0].ack(d)
	same(e, "stored for another organ", stored(e.health(b, "other")), 0)
	_, err = editor.RedriveEdited(e.ctx, "nope", letter.ID, &edited)
	if !errors.Is(err, contract.ErrNoOrgan) {
		e.Errorf("of an unknown organ: %v, want %v", err, contract.ErrNoOrgan)
	}
}

func discardForgets(e *env) {
	b := e.open()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.buried(b, c, 1, 3)
	ls := e.deadLetters(b, "all")
	for _, want := range []int{2, 0} { // the second time they are gone
		n, err := admin.Discard(e.ctx, "all", ls[0].ID, ls[2].ID)
		e.ok(err, "discard")
		same(e, "discarded", n, want)
	}
	left := e.deadLetters(b, "all")
	if len(left) != 1 || left[0].ID != ls[1].ID {
		e.Errorf("%d dead letters are left, want the second", len(left))
	}
	same(e, "stored", stored(e.health(b, "all")), 0)
}

// pauseStopsAnOrgan in all processes, one that waits in Fetch included, and no other organ.
func pauseStopsAnOrgan(e *env) {
	b := e.open()
	admin := e.admin(b)
	cs := e.subscribe(b, e.organ("paused", typeA), e.organ("other", typeA))
	second := e.subscribe(e.attachProcess(b), e.organ("paused", typeA))[0]
	got := make(chan *contract.Delivery, 1)
	go func() { got <- second.one() }()
	e.wait(e.units(2))
	e.ok(admin.Pause(e.ctx, "paused", "the gateway is down"), "pause")
	same(e, "reason", e.health(b, "paused").Paused, "the gateway is down")
	e.publish(b, messagesA(1, 1)...)
	cs[1].ack(cs[1].takes(1)...)
	cs[0].none(e.units(4))
	select {
	case <-got:
		e.Error("a paused organ has a delivery")
	default:
	}
	e.ok(admin.Resume(e.ctx, "paused"), "resume")
	same(e, "reason", e.health(b, "paused").Paused, "")
	second.ack(<-got)
}

// pauseLosesNothing that is leased or scheduled meanwhile.
func pauseLosesNothing(e *env) {
	b := e.open()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 5)...)
	ds := c.takes(1, 2, 3)
	e.ok(admin.Pause(e.ctx, "all", "maintenance"), "pause")
	c.ack(ds[0])
	c.settles(retry(ds[1], e.units(1)))
	c.release(ds[2])
	c.none(e.units(4))
	same(e, "stored", stored(e.health(b, "all")), 4)
	e.ok(admin.Resume(e.ctx, "all"), "resume")
	c.ack(c.takesAny(2, 3, 4, 5)...)
	same(e, "left", stored(e.health(b, "all")), 0)
}

// removeOrganForgetsIt with all that is stored, but not under its consumers' feet.
func removeOrganForgetsIt(e *env) {
	b := e.open()
	admin := e.admin(b)
	cs := e.subscribe(b, e.organ("gone", typeA), e.organ("stays", typeA))
	e.buried(b, cs[0], 1, 1)
	e.publish(b, messagesA(2, 3)...)
	cs[0].settles(retry(cs[0].takes(2)[0], e.units(2)))
	if err := admin.RemoveOrgan(e.ctx, "gone"); err == nil {
		e.Error("an organ with a consumer was removed")
	}
	cs[0].close()
	e.ok(admin.RemoveOrgan(e.ctx, "gone"), "remove")
	same(e, "what is left", e.health(b, "gone"), contract.OrganHealth{})
	e.publish(b, messagesA(4, 4)...)
	cs[1].takes(1, 2, 3, 4)

	other := e.organ("gone", typeA)
	other.Path = "example.com/other" // the name is free again
	e.subscribe(b, other)[0].none(e.units(4))
	same(e, "bytes of dead letters", e.health(b, "gone").DeadBytes, 0)
}
