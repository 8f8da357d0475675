package necrotest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// twice lets every delivery be handled once more after a first success that does not count,
// and compares what the handler emits.
type twice struct {
	first   map[delivery][]*storedEvent // what the success that did not count emitted
	seconds int
	differ  []finding
}

// apart is how much time passes between the two: a clock shows another time whatever it is
// rounded to, up to a second.
const apart = time.Second + time.Millisecond + time.Microsecond + time.Nanosecond

// settleSecond settles the deliveries that were handled twice. It hands back the first delivery that was not,
// and all behind it, because they must not overtake it.
func (c *linked) settleSecond(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	t, notes := c.l.r.twice, c.l.r.record.readOutcomes(c.organ, outcomes)
	settled := len(outcomes)
	for i, n := range notes {
		emitted, seen := t.first[n.delivery]
		switch {
		case outcomes[i].Kind != contract.OutcomeAck:
		case !seen:
			t.first[n.delivery] = n.emits
			settled = min(settled, i)
		case i < settled:
			t.seconds++
			c.compareEmissions(outcomes[i].Delivery, emitted, n.emits)
		}
	}
	results, err := c.settleOnce(ctx, outcomes[:settled])
	if settled == len(outcomes) || err != nil {
		return results, err
	}
	for i := len(results); i < len(outcomes); i++ { // nil results stand for applied ones
		result := contract.ResultApplied
		if i >= settled {
			result = contract.ResultLost
		}
		results = append(results, result)
	}
	var again []*contract.Delivery
	for i := range outcomes[settled:] {
		again = append(again, outcomes[settled+i].Delivery)
	}
	err = c.inner.Release(ctx, again)
	time.Sleep(apart)
	return results, err
}

// compareEmissions compares the emissions of two calls of a handler for the same delivery.
func (c *linked) compareEmissions(d *contract.Delivery, first, second []*storedEvent) {
	if slices.EqualFunc(first, second, (*storedEvent).sameAs) {
		return
	}
	r := c.l.r
	was, is := cutCommonPrefix(tellEvents(first), tellEvents(second))
	r.twice.differ = append(r.twice.differ, finding{
		where: fmt.Sprintf("handler %s of %s emits something else when it is called again", c.handlerMethod(d), c.organ),
		lines: []string{fmt.Sprintf("for %s\n  first: %s\n   then: %s", r.record.findEvent(d.ID).tellShort(), was, is)},
	})
}

// handlerMethod returns the name of the handler of a delivery.
func (c *linked) handlerMethod(d *contract.Delivery) string {
	for _, o := range c.l.r.listOrgans() {
		for _, route := range o.Routes {
			names := append([]string{route.Event.Name}, route.Event.Aliases...)
			if o.Name == c.organ && slices.Contains(names, d.Type.Name) {
				return route.Method
			}
		}
	}
	return "for " + d.Type.Name
}
