package backendtest

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var subscribeTests = []test{
	{"MovedOrganIsTheSame", movedOrganIsTheSame},
	{"RenamedOrganIsShared", renamedOrganIsShared},
	{"OrderStaysWhileItIsWanted", orderStaysWhileItIsWanted},
	{"SubscribeIsOneStep", subscribeIsOneStep},
	{"SubscriptionIsDurable", subscriptionIsDurable},
	{"EventAliasesAreBound", eventAliasesAreBound},
	{"OldVersionsAreBound", oldVersionsAreBound},
	{"OrganAliasesAreTakenOver", organAliasesAreTakenOver},
	{"UnboundEventsGoNowhere", unboundEventsGoNowhere},
	{"NamesAreRefusedAlike", namesAreRefusedAlike},
	{"LackingTraitsAreRefused", lackingTraitsAreRefused},
}

// movedOrganIsTheSame binds an organ from another package, as the next release of a program does that
// has moved it: both share its deliveries.
func movedOrganIsTheSame(e *env) {
	b := e.open()
	before := e.subscribe(b, e.organ("moved", typeA))[0]
	e.publish(b, messagesA(1, 1)...)
	moved := e.organ("moved", typeA)
	moved.Path = "example.com/other"
	after := e.subscribe(e.attachProcess(b), moved)[0]
	before.ack(before.takes(1)...)
	before.close()
	e.publish(b, messagesA(2, 2)...)
	after.ack(after.takes(2)...)
	same(e, "left", stored(e.health(b, "moved")), 0)
}

// subscribeIsOneStep has a refused organ behind a good one: nothing is bound.
func subscribeIsOneStep(e *env) {
	b := e.open()
	if _, err := b.Subscribe(e.ctx, []contract.Subscription{e.organ("good", typeB), e.organ("not good", typeA)}); err == nil {
		e.Fatal("an organ has a space in its name")
	}
	e.publish(b, message(&eventB{N: 1}))
	same(e, "stored for an organ of the refused call", stored(e.health(b, "good")), 0)
	e.subscribe(b, e.organ("good", typeB))[0].takes(1)
}

// renamedOrganIsShared runs two releases beside each other, of which one knows the organ by another
// name: they share its deliveries, and know it by one identity.
func renamedOrganIsShared(e *env) {
	b := e.open()
	old := e.subscribe(b, e.organ("old", typeA))[0]
	renamed := e.organ("new", typeA)
	renamed.Aliases = []string{"old"}
	now := e.subscribe(e.attachProcess(b), renamed)[0]
	for _, c := range []*consumer{old, now} {
		bound, ok := c.Consumer.(contract.BoundConsumer)
		if !ok {
			e.Fatal("a consumer does not tell its binding")
		}
		same(e, "identity", bound.Binding().Identity, "old")
	}
	e.publish(b, messagesA(1, 1)...)
	old.settles(bury(old.takes(1)[0], contract.Death{Reason: contract.ReasonPermanent, Error: "no use"}))
	old.close()
	e.publish(b, messagesA(2, 2)...)
	now.ack(now.takes(2)...)
	now.close()
	for _, name := range []string{"old", "new"} {
		letters, err := e.admin(b).DeadLetters(e.ctx, name, contract.ID{}, 10)
		if err != nil || len(letters) != 1 {
			e.Fatalf("dead letters of %s: %d, %v, want 1", name, len(letters), err)
		}
		same(e, "id", letters[0].ID, contract.DeliveryID(letters[0].Message.ID, "old"))
	}
	e.publish(b, messagesA(3, 3)...)
	back := e.subscribe(b, e.organ("old", typeA))[0]
	back.ack(back.takes(3)...)
}

// orderStaysWhileItIsWanted binds an organ with another order while a consumer lives that wants the
// former one.
func orderStaysWhileItIsWanted(e *env) {
	b := e.open()
	strict := e.organ("all", typeA)
	strict.Order = contract.OrderStrict
	before := e.subscribe(b, strict)[0]
	after := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	order := func() contract.OrderMode { return after.Consumer.(contract.BoundConsumer).Binding().Order }
	same(e, "order beside the former release", order(), contract.OrderStrict)
	e.publish(b, messagesA(1, 2)...)
	after.settles(retry(after.takes(1)[0], e.later()))
	before.none(e.units(2))
	before.close()
	for range 2 {
		after.ack(after.take(1)...)
	}
	for order() != contract.OrderFirstAttempts {
		if e.ctx.Err() != nil {
			e.Fatal("the order never changed, though nothing wants the former one")
		}
		after.none(e.units(1))
	}
	same(e, "left", stored(e.health(b, "all")), 0)
}

// subscriptionIsDurable publishes while no consumer is open, because the binding outlives its process.
func subscriptionIsDurable(e *env) {
	b := e.open()
	e.subscribe(b, e.organ("all", typeA))[0].close()
	e.publish(b, messagesA(1, 3)...)
	same(e, "consumers", e.health(b, "all").Consumers, 0)
	c := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	for _, d := range c.takes(1, 2, 3) {
		same(e, "suspect", d.Suspect, false)
	}
}

// eventAliasesAreBound publishes under a former name, as an older program does.
func eventAliasesAreBound(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeNow))[0]
	e.publish(b, formerEvent(e, 1), message(&eventNow{N: 2}))
	c.takes(1, 2)
}

// oldVersionsAreBound publishes a version that the organ does not name: its name counts.
func oldVersionsAreBound(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeNew))[0]
	e.publish(b, message(&eventOld{N: 1}), message(&eventNew{N: 2}))
	ds := c.takes(1, 2)
	same(e, "version", ds[0].Type.Version, 1)
	same(e, "version", ds[1].Type.Version, 2)
}

func organAliasesAreTakenOver(e *env) {
	b := e.open()
	old := e.subscribe(b, e.organ("old", typeA))[0]
	e.publish(b, messagesA(1, 3)...)
	old.settles(retry(old.takes(1)[0], e.later()))
	old.close()

	renamed := e.organ("new", typeA)
	renamed.Aliases = []string{"old"}
	c := e.subscribe(b, renamed)[0]
	e.publish(b, messagesA(4, 4)...)
	ds := c.take(4)
	if got := numbers(ds); got[0] != 2 || got[1] != 3 {
		e.Errorf("deliveries: got %v, want what was stored first", got)
	}
	for _, d := range ds {
		if numberOf(&d.Message) == 1 {
			same(e, "attempts of what was scheduled", d.Attempts, 1)
		}
	}
	c.ack(ds...)
	c.none(e.units(4))
	same(e, "left under the former name", stored(e.health(b, "old")), 0)
}

func unboundEventsGoNowhere(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, message(&eventB{N: 1}), message(&eventA{N: 2}))
	c.ack(c.takes(2)...)
	c.none(e.units(2))
}

// namesAreRefusedAlike by Subscribe, for organs, events and their former names, and by Publish:
// nothing is parked that no organ could ever ask for.
func namesAreRefusedAlike(e *env) {
	b := e.open()
	for _, name := range []string{"", "two words", "tab\tbed", "new\nline", "car\rriage", "nul\x00", "bang!"} {
		typ := &contract.EventType{Name: name, Version: 1}
		organ, alias := e.organ(name, typeA), e.organ("former", typeA)
		alias.Aliases = []string{name}
		for what, sub := range map[string]contract.Subscription{
			"organ": organ, "former organ": alias, "event": e.organ("event", typ),
			"former event": e.organ("former event", &contract.EventType{Name: "GOOD", Version: 1, Aliases: []string{name}}),
		} {
			if _, err := b.Subscribe(e.ctx, []contract.Subscription{sub}); err == nil {
				e.Errorf("subscribe: the name %q of an %s is taken", name, what)
			}
		}
		msg := contract.Message{ID: contract.NewID(), Type: typ, Payload: []byte{0x80}, Nanos: time.Now().UnixNano()}
		if _, err := b.Publish(e.ctx, []contract.Message{message(&eventA{N: 1}), msg}[:], contract.PublishOptions{}); err == nil {
			e.Errorf("publish: the name %q is taken", name)
		}
		if one, ok := b.(contract.OnePublisher); ok {
			if _, err := one.PublishOne(e.ctx, msg, contract.PublishOptions{}); err == nil {
				e.Errorf("publish one: the name %q is taken", name)
			}
		}
	}
	same(e, "parked", len(b.Health(e.ctx).Parked), 0)
}
