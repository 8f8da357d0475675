package memory

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// promoteAtOnce is how many due deliveries become ready under one hold of the mutex: when very
// many are due, others get in between.
const promoteAtOnce = 1024

// clearSuspicion makes a delivery no suspect any more, because its process lived to settle it.
func (it *item) clearSuspicion() { it.Suspect, it.Crashes, it.GivingUp = false, 0, false }

// scheduleRetry schedules a retry or a decline. A retry spends an attempt, a decline does not.
func (q *queue) scheduleRetry(o *contract.Outcome, it *item) {
	it.clearSuspicion()
	if o.Kind == contract.OutcomeRetry {
		it.Attempts++
	} else {
		it.Declines++
		if it.Declined == 0 {
			it.Declined = time.Now().UnixNano()
		}
	}
	q.holdBack(it)
	at := q.b.now().after(o.Delay)
	q.due.push(entry[*item]{uint64(at), it.seq, it})
	q.setAlarm(at)
}

// setAlarm makes sure that ringAlarm runs at the given time or before. A later instant than the set one changes nothing,
// because the alarm sets itself for the next one when it rings.
func (q *queue) setAlarm(at instant) {
	if q.alarmAt != 0 && q.alarmAt <= at {
		return
	}
	q.alarmAt = at
	q.alarm.Reset(time.Duration(at - q.b.now()))
}

// ringAlarm makes due deliveries ready, takes back leases that ran out, and removes states whose time is over. The
// alarm's goroutine calls it. It may ring too early, after a change has made the next instant a later one: then it
// finds nothing, and each part sets it again.
func (q *queue) ringAlarm() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.alarmAt = 0
	now := q.b.now()
	q.promoteDue(now)
	if next := q.states.sweep(now); next != 0 {
		q.setAlarm(next)
	}
	for _, c := range q.consumers {
		q.expireLeases(c, now)
	}
	if len(q.lanes.list) > 0 {
		q.shareLanes(now)
	}
	if q.hasOwners() {
		q.waiters.wakeAll() // an owner may have gone silent
	}
}

// promoteDue makes due deliveries ready. Where order counts a delivery goes to its old place, which is
// the first, else behind all others. A delivery that holds back others under a former
// order keeps its place, because it lets them go by that place.
func (q *queue) promoteDue(now instant) {
	for range promoteAtOnce {
		if q.due.len() == 0 || instant(q.due.first().key) > now {
			break
		}
		it := q.due.pop().value
		if q.sub.Order == contract.OrderFirstAttempts && it.holds == holdsNothing {
			q.seq++
			it.seq = q.seq
		}
		q.pushBack(it)
	}
	if q.due.len() > 0 {
		q.setAlarm(instant(q.due.first().key))
	}
}

// expireLeases takes back the leases of c that ran out. A batch is looked at when the first of its
// leases ends, as far as that was known: renewals are found then.
func (q *queue) expireLeases(c *consumer, now instant) {
	for c.batches.len() > 0 {
		next := instant(c.batches.first().key)
		if next > now {
			q.setAlarm(next)
			return
		}
		bt := c.batches.first().value
		q.reclaimLost(bt, func(s *slot) bool { return s.leaseEnd() <= now })
		if bt.left > 0 {
			c.batches.replaceFirst(uint64(bt.firstDeadline()))
		}
	}
}
