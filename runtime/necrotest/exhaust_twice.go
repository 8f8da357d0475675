package necrotest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// twice lets every delivery be handled once more after a first success that does not count,
// and compares what the handler emits and keeps.
type twice struct {
	first   map[delivery]*result // what the success that did not count has made
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
		first, seen := t.first[n.delivery]
		second := &result{n.emits, n.state}
		switch {
		case outcomes[i].Kind != contract.OutcomeAck:
		case !seen:
			t.first[n.delivery] = second
			settled = min(settled, i)
		case i < settled:
			t.seconds++
			c.compareResults(outcomes[i].Delivery, first, second)
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

// compareResults compares what two calls of a handler have made of the same delivery.
func (c *linked) compareResults(d *contract.Delivery, first, second *result) {
	if first.sameAs(second) {
		return
	}
	r := c.l.r
	does := "emits"
	if slices.EqualFunc(first.emits, second.emits, (*storedEvent).sameAs) {
		does = "keeps"
	}
	t := r.stateTypeOf(c.organ)
	was, is := cutCommonPrefix(first.tell(t), second.tell(t))
	r.twice.differ = append(r.twice.differ, finding{
		where: fmt.Sprintf("handler %s of %s %s something else when it is called again", c.handlerMethod(d), c.organ, does),
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
