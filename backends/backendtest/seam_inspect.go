package backendtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var inspectTests = []test{
	{"BoundNamesTheOrgans", boundNamesTheOrgans},
	{"BindingsTellTheOrders", bindingsTellTheOrders},
	{"StoredEventsAreVisited", storedEventsAreVisited},
	{"HeldBackEventsAreVisited", heldBackEventsAreVisited},
	{"EachStoredEnds", eachStoredEnds},
	{"TailSeesWhatIsStored", tailSeesWhatIsStored},
	{"TailEndsWithItsContext", tailEndsWithItsContext},
	{"DiagnoseTellsOfOrgansAndParks", diagnoseTellsOfOrgans},
	{"InspectorOfAClosedBackend", inspectorOfAClosedBackend},
}

// inspector returns what an operator sees through: another process's view of the backend.
func (e *env) inspector(b contract.Backend) contract.Inspector {
	e.Helper()
	i, ok := b.(contract.Inspector)
	if !ok {
		e.Skip("the backend is no contract.Inspector")
	}
	return e.attachProcess(i).(contract.Inspector)
}

// placesOf counts stored events by their place, organ, type and number.
func (e *env) placesOf(i contract.Inspector) map[string]int {
	e.Helper()
	places := map[string]int{}
	e.ok(i.EachStored(e.ctx, func(s contract.Stored) bool {
		if s.Message.Due != 0 {
			e.Errorf("a stored event has a due time of its own: %d", s.Message.Due)
		}
		places[placeOf(&s)]++
		return true
	}), "each stored")
	return places
}

func placeOf(s *contract.Stored) string {
	return fmt.Sprintf("%s of %q: %s %d", s.Place, s.Organ, s.Message.Type.Name, numberOf(&s.Message))
}

// wantsPlaces wants each place once, and no other.
func (e *env) wantsPlaces(got map[string]int, want ...string) {
	e.Helper()
	wanted := map[string]int{}
	for _, place := range want {
		wanted[place] = 1
	}
	if !maps.Equal(got, wanted) {
		e.Errorf("stored:\n%v\nwant:\n%v", got, wanted)
	}
}

// boundNamesTheOrgans of each event, and no event without one.
func boundNamesTheOrgans(e *env) {
	b := e.open()
	i := e.inspector(b)
	bound, err := i.Bound(e.ctx)
	e.ok(err, "bound")
	same(e, "events that are bound in an empty backend", len(bound), 0)
	e.subscribe(b, e.organ("zeta", typeA, typeB), e.organ("alpha", typeA))
	e.publish(b, message(&eventC{N: 1}))
	bound, err = i.Bound(e.ctx)
	e.ok(err, "bound")
	same(e, "bound", fmt.Sprint(bound), fmt.Sprint(map[string][]string{typeA.Name: {"alpha", "zeta"}, typeB.Name: {"zeta"}}))
}

// bindingsTellTheOrders under which organs run, of an organ without processes too.
func bindingsTellTheOrders(e *env) {
	b := e.open()
	i, ok := b.(contract.BindingInspector)
	if !ok {
		e.Skip("the backend is no contract.BindingInspector")
	}
	plain, other := e.organ("plain", typeA), e.organ("other", typeB)
	want := contract.Binding{Identity: "other"}
	if !slices.Contains(e.h.Lacks, Ordered) {
		want.Order = contract.OrderKey
	}
	if !slices.Contains(e.h.Lacks, Exclusive) {
		want.Exclusive = true
	}
	other.Order, other.Exclusive = want.Order, want.Exclusive
	for _, c := range e.subscribe(b, plain, other) {
		e.ok(c.Close(), "close")
	}
	bindings, err := e.attachProcess(i).(contract.BindingInspector).Bindings(e.ctx)
	e.ok(err, "bindings")
	same(e, "organs that are bound", len(bindings), 2)
	for name, want := range map[string]contract.Binding{"plain": {Identity: "plain"}, "other": want} {
		got := bindings[name]
		got.Lanes = max(got.Lanes, 1)
		want.Lanes = 1
		same(e, "binding of "+name, fmt.Sprint(got), fmt.Sprint(want))
	}
}

// storedEventsAreVisited wherever they wait, with their envelope and their bytes.
func storedEventsAreVisited(e *env) {
	b := e.open()
	i := e.inspector(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.subscribe(b, e.organ("other", typeB))
	msgs := messagesA(1, 5)
	msgs[4].Headers = map[string]string{"tenant": "x"}
	e.publish(b, msgs...)
	ds := c.takes(1, 2, 3, 4)
	c.settles(ack(ds[0]), bury(ds[1], contract.Death{Reason: contract.ReasonPermanent}), retry(ds[2], time.Hour))
	e.publish(b, message(&eventB{N: 6}), message(&eventC{N: 7}))
	want := []string{
		`dead of "all": SUITE_A 2`, `scheduled of "all": SUITE_A 3`, `ready or leased of "all": SUITE_A 4`, `ready or leased of "all": SUITE_A 5`,
		`ready or leased of "other": SUITE_B 6`, `parked of "": SUITE_C 7`,
	}
	if _, ok := b.(contract.DelayingBackend); ok && !slices.Contains(e.h.Lacks, Delays) {
		e.publish(b, dueIn(message(&eventB{N: 8}), time.Hour))
		want = append(want, `scheduled of "": SUITE_B 8`)
	}
	e.wantsPlaces(e.placesOf(i), want...)
	e.ok(i.EachStored(e.ctx, func(s contract.Stored) bool {
		if s.Message.ID == msgs[4].ID {
			sameEnvelope(e, &s.Message, &msgs[4])
		}
		if s.Message.Payload == nil {
			e.Errorf("%s has no bytes", placeOf(&s))
		}
		return true
	}), "each stored")
}

// heldBackEventsAreVisited as long as the failed delivery of their key waits.
func heldBackEventsAreVisited(e *env) {
	b := e.open()
	i := e.inspector(b)
	sub := e.organ("all", typeA)
	sub.Order = contract.OrderKey
	c := e.subscribe(b, sub)[0]
	e.publish(b, message(&eventA{N: 1, Key: "k"}), message(&eventA{N: 2, Key: "k"}), message(&eventA{N: 3, Key: "other"}))
	c.settles(retry(c.one(), time.Hour))
	c.takes(3)
	e.wantsPlaces(e.placesOf(i), `scheduled of "all": SUITE_A 1`, `held back of "all": SUITE_A 2`, `ready or leased of "all": SUITE_A 3`)
}

// eachStoredEnds when its caller has seen enough, and with its context. It may be called from within itself.
func eachStoredEnds(e *env) {
	b := e.open()
	i := e.inspector(b)
	e.subscribe(b, e.organ("all", typeA))
	e.publish(b, messagesA(1, 5)...)
	visits := 0
	e.ok(i.EachStored(e.ctx, func(contract.Stored) bool {
		visits++
		same(e, "what is stored", len(e.placesOf(i)), 5)
		e.ok(i.Health(e.ctx).Err, "health")
		return false
	}), "each stored")
	same(e, "visits of a caller who wants one", visits, 1)
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	if err := i.EachStored(ctx, func(contract.Stored) bool { return true }); !errors.Is(err, context.Canceled) {
		e.Errorf("each stored, with a context that is done: %v", err)
	}
}

// tailSeesWhatIsStored from now on, once for each organ, and in a park. It takes nothing.
func tailSeesWhatIsStored(e *env) {
	b := e.open()
	i := e.inspector(b)
	cs := e.subscribe(b, e.organ("all", typeA), e.organ("other", typeA))
	e.publish(b, messagesA(0, 0)...)
	e.wait(e.units(1)) // an event of the same instant may be seen
	var mu sync.Mutex
	kinds, times := map[string]bool{}, map[string]int{} // what the tail saw, without its number and with it; guarded by mu
	ended := make(chan error, 1)
	go func() {
		ended <- i.Tail(e.ctx, func(s contract.Stored) bool {
			mu.Lock()
			defer mu.Unlock()
			kinds[fmt.Sprintf("%s of %q: %s", s.Place, s.Organ, s.Message.Type.Name)] = true
			times[placeOf(&s)]++
			return s.Message.Type.Name != typeD.Name
		})
	}()
	published := int64(0)
	see := func(want ...string) { // it may not look yet, and may miss what is handled: nothing is
		e.Helper()
		e.until(fmt.Sprint("the tail sees ", want), func() bool {
			published++
			e.publish(b, messagesA(published, published)...)
			e.publish(b, message(&eventC{N: 1}))
			e.wait(e.units(1))
			mu.Lock()
			defer mu.Unlock()
			return !slices.ContainsFunc(want, func(w string) bool { return !kinds[w] })
		})
	}
	see(`ready or leased of "all": SUITE_A`, `ready or leased of "other": SUITE_A`, `parked of "": SUITE_C`)
	e.publish(b, message(&eventD{N: 1}))
	e.ok(<-ended, "tail")
	for place, n := range times {
		if n > 1 && strings.Contains(place, typeA.Name) || strings.HasSuffix(place, typeA.Name+" 0") {
			e.Errorf("the tail saw %s %d times", place, n)
		}
	}
	for _, c := range cs {
		same(e, "first delivery", numberOf(&c.one().Message), 0)
	}
}

// tailEndsWithItsContext, which is no error.
func tailEndsWithItsContext(e *env) {
	i := e.inspector(e.open())
	ctx, cancel := e.during(e.units(2))
	defer cancel()
	e.ok(i.Tail(ctx, func(contract.Stored) bool { return true }), "tail")
}

// diagnoseTellsOfOrgans and parks that need an operator, severe findings first.
func diagnoseTellsOfOrgans(e *env) {
	b := e.open()
	i := e.inspector(b)
	cs := e.subscribe(b, e.organ("left", typeA), e.organ("well", typeB))
	e.publish(b, messagesA(1, 2)...)
	cs[0].settles(bury(cs[0].one(), contract.Death{Reason: contract.ReasonPermanent}))
	e.publish(b, message(&eventC{N: 1}))
	cs[0].close()
	found, err := i.Diagnose(e.ctx)
	e.ok(err, "diagnose")
	var told []string
	for n, f := range found {
		if n > 0 && f.Severe && !found[n-1].Severe {
			e.Errorf("a severe finding stands behind one that is not: %v", found)
		}
		if f.Problem == "" || f.Mend == "" {
			e.Errorf("a finding without its problem or its advice: %+v", f)
		}
		told = append(told, fmt.Sprintf("%t %s: %s", f.Severe, f.Subject, f.Problem))
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		"true organ left: nobody consumes, and 1 deliveries wait", "false organ left: 1 dead letters", "false event SUITE_C: 1 are parked",
	} {
		if !strings.Contains(all, want) {
			e.Errorf("no finding %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "organ well") {
		e.Errorf("a finding of an organ that is well:\n%s", all)
	}
}

// inspectorOfAClosedBackend returns ErrClosed, and a Tail that waits ends.
func inspectorOfAClosedBackend(e *env) {
	b := e.open()
	i := e.inspector(b)
	visit := func(contract.Stored) bool { return true }
	ended := make(chan error, 1)
	go func() { ended <- i.Tail(e.ctx, visit) }()
	e.wait(e.units(1))
	e.ok(i.Close(), "close")
	if i, ok := i.(contract.BindingInspector); ok {
		_, err := i.Bindings(e.ctx)
		if !errors.Is(err, contract.ErrClosed) {
			e.Errorf("bindings of a closed backend: %v", err)
		}
	}
	_, bound := i.Bound(e.ctx)
	_, diagnose := i.Diagnose(e.ctx)
	for call, err := range map[string]error{
		"bound": bound, "each stored": i.EachStored(e.ctx, visit), "tail": i.Tail(e.ctx, visit), "diagnose": diagnose, "a tail that waits": <-ended,
	} {
		if !errors.Is(err, contract.ErrClosed) {
			e.Errorf("%s: error %v, want %v", call, err, contract.ErrClosed)
		}
	}
}
