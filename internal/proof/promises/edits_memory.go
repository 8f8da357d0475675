package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// memoryEdits break backends/memory.
var memoryEdits = map[string][]sabotage.Edit{
	"crash-loses": {{
		In: "backends/memory", Decl: "(*consumer).Close",
		Old: `q.reclaimLost(c.batches.first().value, func(*slot) bool { return true })`,
		New: `c.batches.pop()`,
	}},
	"memory-wall-clock": {{
		In: "backends/memory", Decl: "(*Backend).now",
		Old: `b.clock()`,
		New: `b.clock().Round(0)`,
	}},
	"silence-loses": {{
		In: "backends/memory", Decl: "(*queue).ringAlarm",
		Old: `
			for _, c := range q.consumers {
				q.expireLeases(c, now)
			}`,
	}},
	"release-loses": {{
		In: "backends/memory", Decl: "(*consumer).Release",
		Old: `c.q.pushBack(&item{*d, s.seq, s.holds})`,
	}},
	"park-loses": {{
		In: "backends/memory", Decl: "(*Backend).storeMessage",
		Old: `len(queues) == 0 && !m.Type.Output`,
		New: `false`,
	}},
	"delay-at-once": {{
		In: "backends/memory", Decl: "(*Backend).keepForLater",
		Old: `time.Duration(m.Due - b.clock().UnixNano())`,
		New: `0`,
	}},
	"delay-new-id": {{
		In: "backends/memory", Decl: "(*Backend).routeDue",
		Old: `m.Due = 0`,
		New: `m.Due, m.ID = 0, contract.NewID()`,
	}},
	"delay-bound-before": {{
		In: "backends/memory", Decl: "(*Backend).routeDue",
		Old: `routing: b.routing.Load()`,
		New: `routing: newRouting(nil)`,
	}},
	"delay-twice": {{
		In: "backends/memory", Decl: "(*Backend).keepForLater",
		Old: `l.byID[m.ID] != nil`,
		New: `false`,
	}},
	"schedule-cursor-lost": {{
		In: "backends/memory", Decl: "(*Backend).Scheduled",
		Old: `b.scheduledBehind(behind,`,
		New: `b.scheduledBehind(place{behind.key + uint64(time.Hour), 0},`,
	}},
	"run-now-later": {{
		In: "backends/memory", Decl: "(*Backend).RunScheduled",
		Old: `b.setLaterAlarm(now)`,
	}},
	"cancel-delivers": {{
		In: "backends/memory", Decl: "(*Backend).Cancel",
		Old: `b.later.heap.removeAt(d.at)`,
	}},
	"delay-beside-step": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `
			if s == nil {
				return contract.ResultLost, 0`,
		New: `
			if s == nil {
				came, _ := c.q.storeEmitted(r, o)
				return contract.ResultLost, came`,
	}},
	"delays-uncounted": {{
		In: "backends/memory", Decl: "(*route).planMessages",
		Old: `
			r.directory = true
			deliveries++`,
		New: `r.directory = true`,
	}},
	"two-steps": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `c.freeSlot(s)`,
		New: `
			c.freeSlot(s)
			c.q.b.unlockRoute(r)
			time.Sleep(time.Millisecond)
			c.q.b.lockRoute(r)`,
	}},
	"no-fence": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `if s == nil {`,
		New: `
			if s == nil {
				c.q.storeEmitted(r, o)`,
	}},
	"offers-to-one": {{
		In: "backends/memory", Decl: "(*consumer).Release",
		Old: `c.q.pushBack(&item{*d, s.seq, s.holds})`,
		New: `
			c.q.again.push(entry[*item]{key: s.seq, value: &item{*d, s.seq, s.holds}})
			c.q.ready++`,
	}},
	"two-owners": {{
		In: "backends/memory", Decl: "(*queue).mayFetch",
		Old: `return !q.sub.Exclusive || q.takeOwnership(c, now)`,
		New: `return true`,
	}},
	"lanes-of-all": {{
		In: "backends/memory", Decl: "(*lane).isOf",
		Old: `l.owner == c && l.heir == nil`,
		New: `true`,
	}},
	"lane-moves-held": {{
		In: "backends/memory", Decl: "(*queue).giveLane",
		Old: `l.leased == 0 || to == l.owner`,
		New: `true`,
	}},
	"lanes-uneven": {{
		In: "backends/memory", Decl: "(*queue).shareLanes",
		Old: `most.keeps-fewest.keeps < 2 || l == nil`,
		New: `true`,
	}},
	"lane-no-fence": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `return contract.ResultLost, 0`,
		New: `return contract.ResultApplied, 0`,
	}},
	"lane-stays-declined": {{
		In: "backends/memory", Decl: "(*queue).passLane",
		Old: `next.isSharing(now)`,
		New: `false`,
	}},
	"lanes-change-at-once": {{
		In: "backends/memory", Decl: "(*queue).shareLanes",
		Old: `l.keeper() == nil && l.leased == 0`,
		New: `l.keeper() == nil`,
	}, {
		In: "backends/memory", Decl: "(*queue).giveLane",
		Old: `l.leased == 0 || to == l.owner`,
		New: `true`,
	}},
	"one-copy": {{
		In: "backends/memory", Decl: "(*Backend).storeMessage",
		Old: `range queues`,
		New: `range queues[:min(1, len(queues))]`,
	}},
	"all-paused": {{
		In: "backends/memory", Decl: "(*Backend).Pause",
		Old: `q.paused = cmp.Or(reason, "paused")`,
		New: `
			for _, q = range b.queues {
				q.paused = cmp.Or(reason, "paused")
			}`,
	}},
	"bytes-forgotten": {{
		In: "backends/memory", Decl: "(*queue).keepDead",
		Old: `letter.Message.Payload = payload`,
		New: `_ = payload`,
	}},
	"edit-once": {{
		In: "backends/memory", Decl: "(*Backend).RedriveEdited",
		Old: `q.pushNew(m)`,
	}},
	"redrive-forgets": {{
		In: "backends/memory", Decl: "(*Backend).Redrive",
		Old: `q.pushNew(&l.Message)`,
	}},
	"discard-keeps": {{
		In: "backends/memory", Decl: "(*Backend).Discard",
		Old: `func(*queue, *contract.DeadLetter) {}`,
		New: `func(q *queue, l *contract.DeadLetter) { q.dead.addLetter(*l) }`,
	}},
	"gone-unknown": {{
		In: "backends/memory", Decl: "(*letters).firstBehind",
		Old: `cmp.Or(l.byID[id], l.gone[id])`,
		New: `l.byID[id]`,
	}},
	"outcome-unchecked": {{
		In: "backends/memory", Decl: "(*consumer).Settle",
		Old: `return nil, err`,
		New: `return nil, nil`,
	}},
	"dead-unbounded": {{
		In: "backends/memory", Decl: "(*queue).pauseReason",
		Old: `q.sub.DeadLimit > 0 &&`,
		New: `false &&`,
	}},
	"decline-spends": {{
		In: "backends/memory", Decl: "(*queue).scheduleRetry",
		Old: `
			if o.Kind == contract.OutcomeRetry {
				it.Attempts++
			} else {`,
		New: `
			it.Attempts++
			if o.Kind != contract.OutcomeRetry {`,
	}},
	"retry-at-once": {{
		In: "backends/memory", Decl: "(*queue).scheduleRetry",
		Old: `at := q.b.now().after(o.Delay)`,
		New: `at := q.b.now().after(0)`,
	}},
	"retry-dies": {{
		In: "backends/memory", Decl: "(*consumer).Close",
		Old: `c.closed = true`,
		New: `
			c.closed = true
			q.due = heapOf[*item]{}`,
	}},
	"crash-spends": {{
		In: "backends/memory", Decl: "(*queue).reclaimLost",
		Old: `back.Suspect = true`,
		New: `
			back.Suspect = true
			back.Attempts++`,
	}},
	"stop-spends": {{
		In: "backends/memory", Decl: "(*consumer).Release",
		Old: `c.q.pushBack(&item{*d, s.seq, s.holds})`,
		New: `
			it := &item{*d, s.seq, s.holds}
			it.Attempts++
			c.q.pushBack(it)`,
	}},
	"bystander-counted": {{
		In: "backends/memory", Decl: "(*queue).reclaimLost",
		Old: `s.started`,
		New: `true`,
	}},
	"mark-stays": {{
		In: "backends/memory", Decl: "(*consumer).Release",
		Old: `c.q.pushBack(&item{*d, s.seq, s.holds})`,
		New: `
			it := &item{*d, s.seq, s.holds}
			if s.started {
				it.Crashes++
			}
			c.q.pushBack(it)`,
	}},
	"no-limit": {{
		In: "backends/memory", Decl: "(*door).countIn",
		Old: `held >= d.limit`,
		New: `false`,
	}},
	"full-waits": {{
		In: "backends/memory", Decl: "(*Backend).waitForRoom",
		Old: `b.consuming.Load() == 0 ||`,
	}},
	"settle-waits": {{
		In: "backends/memory", Decl: "(*consumer).Settle",
		Old: `_ context.Context`,
		New: `ctx context.Context`,
	}, {
		In: "backends/memory", Decl: "(*consumer).Settle",
		Old: `b := c.q.b`,
		New: `
			b := c.q.b
			for b.door.held.Load() >= b.door.limit && ctx.Err() == nil {
				time.Sleep(time.Second)
			}`,
	}},
	"handler-waits": {{
		In: "runtime", Decl: "(*Spine).storeMessages",
		Old: `contract.InHandler(ctx)`,
		New: `false`,
	}, {
		In: "runtime", Decl: "(*Spine).storeOne",
		Old: `contract.InHandler(ctx)`,
		New: `false`,
	}},
	"no-copy": {{
		In: "backends/memory", Decl: "WithCopy",
		Old: `b.copies = true`,
	}},
	"last-first": {{
		In: "backends/memory", Decl: "(*queue).pushNew",
		Old: `
			q.fresh.pushMessage(m, q.seq)
			q.ready++
			if q.waiters.first != nil {
				q.wakeFetch()
			}`,
		New: `q.pushBack(&item{Delivery: contract.Delivery{Message: *m}, seq: ^q.seq})`,
	}},
	"strict-passes": {{
		In: "backends/memory", Decl: "(*queue).holdBack",
		Old: `q.strict.addSeq(it.seq)`,
		New: `it.holds = holdsNothing`,
	}},
	"front-held": {{
		In: "backends/memory", Decl: "(*queue).isBlocked",
		Old: `seq > q.strict.firstSeq()`,
		New: `seq != q.strict.firstSeq()`,
	}},
	"key-passes": {{
		In: "backends/memory", Decl: "(*queue).holdBack",
		Old: `l.failed.addSeq(it.seq)`,
		New: `it.holds = holdsNothing`,
	}},
	"id-stored-twice": {{
		In: "backends/memory", Decl: "(*Backend).Publish",
		Old: `
			if there := b.findStored(m); !there.IsZero() {`,
		New: `if there := m.ID; false {`,
	}},
	"id-time-ignored": {{
		In: "backends/memory", Decl: "(*recent).addNew",
		Old: `m.Remember <= 0`,
		New: `true`,
	}},
	"ids-evicted": {{
		In: "backends/memory", Decl: "(*recent).hasRoom",
		Old: `more <= 0 || len(r.kept)+more <= recentLimit`,
		New: `true`,
	}},
	"unique-twice": {{
		In: "backends/memory", Decl: "(*uniques).noteSettled",
		Old: `len(u.organs) == 0`,
		New: `len(u.organs) >= 0`,
	}},
	"unique-forever": {{
		In: "backends/memory", Decl: "(*uniques).find",
		Old: `us.expiry.len() > 0`,
		New: `false`,
	}},
	"unique-parked": {{
		In: "backends/memory", Decl: "(*uniques).noteRouted",
		Old: `len(queues) == 0 && m.Type.Output`,
		New: `len(queues) == 0`,
	}},
	"unique-any-id": {{
		In: "backends/memory", Decl: "(*uniques).noteSettled",
		Old: `u := us.byID[id]`,
		New: `u := us.byID[id]
			for _, any := range us.byID {
				u = any
				id = any.id
			}`,
	}},
	"receipt-silent": {{
		In: "backends/memory", Decl: "(*Backend).Publish",
		Old: `duplicates = duplicates.With(i, len(msgs), there)`,
	}},
	"halt-goes-on": {{
		In: "backends/memory", Decl: "(*queue).keepDead",
		Old: `q.paused = fmt.Sprintf("halted at %s %s", d.Type.Name, d.ID)`,
	}},
	"state-beside-step": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `o.State != nil && stored`,
		New: `o.State != nil && stored && false`,
	}},
	"giveup-beside-step": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `len(o.Emit) > 0`,
		New: `len(o.Emit) > 0 && o.Kind == contract.OutcomeAck`,
	}},
	"state-unmatched": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `!isTheOne`,
		New: `!isTheOne && false`,
	}},
	"state-conflict-frees": {{
		In: "backends/memory", Decl: "(*consumer).settleOne",
		Old: `return contract.ResultConflict, 0`,
		New: `
			c.freeSlot(s)
			return contract.ResultConflict, -1`,
	}},
	"state-immortal": {{
		In: "backends/memory", Decl: "(*record).isLive",
		Old: `(r.until == 0 || r.until > now)`,
		New: `true`,
	}},
	"state-not-renewed": {{
		In: "backends/memory", Decl: "(*states).sweep",
		Old: `r.until > now`,
		New: `false`,
	}},
	"state-unswept": {{
		In: "backends/memory", Decl: "(*queue).ringAlarm",
		Old: `
			if next := q.states.sweep(now); next != 0 {
				q.setAlarm(next)
			}`,
	}},
	"states-listed-short": {{
		In: "backends/memory", Decl: "(*states).page",
		Old: `s.inOrder[to-1].number`,
		New: `s.inOrder[to].number`,
	}},
}
