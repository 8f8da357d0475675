package backendtest

import "time"

var retryTests = []test{
	{"RetryWaitsAndCounts", retryWaitsAndCounts},
	{"RetryLetsSuccessorsPass", retryLetsSuccessorsPass},
	{"RetriesComeWhenDue", retriesComeWhenDue},
	{"RetryOutlivesItsConsumer", retryOutlivesItsConsumer},
	{"DeclineCountsNoAttempt", declineCountsNoAttempt},
}

// clockGrain is what the clocks of an engine and of this process may differ by in a wait.
const clockGrain = 2 * time.Millisecond

// notBefore wants delay to have passed since then.
func (e *env) notBefore(since time.Time, delay time.Duration) {
	e.Helper()
	if early := delay - time.Since(since); early > clockGrain {
		e.Errorf("came %v before it was due", early)
	}
}

func retryWaitsAndCounts(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msg := messagesA(1, 1)[0]
	e.publish(b, msg)
	var since time.Time
	var delay time.Duration
	for attempts := range int32(4) {
		d := c.one()
		e.notBefore(since, delay)
		sameEnvelope(e, &d.Message, &msg)
		same(e, "attempts", d.Attempts, attempts)
		same(e, "suspect", d.Suspect, false)
		since, delay = time.Now(), e.units(3+int(attempts))
		c.settles(retry(d, delay))
	}
}

func retryLetsSuccessorsPass(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 3)...)
	c.settles(retry(c.takes(1)[0], e.later()))
	c.ack(c.takes(2, 3)...)
	c.takes(1)
}

// retriesComeWhenDue schedules in another order than that of the due times.
func retriesComeWhenDue(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 3)...)
	ds := c.takes(1, 2, 3)
	c.settles(retry(ds[0], 3*e.later()), retry(ds[1], e.later()), retry(ds[2], 2*e.later()))
	for _, want := range []int64{2, 3, 1} {
		c.ack(c.takes(want)...)
	}
}

// retryOutlivesItsConsumer: the schedule is the backend's, not the worker's.
func retryOutlivesItsConsumer(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 1)...)
	c.settles(retry(c.one(), e.units(4)))
	c.close()
	d := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0].one()
	same(e, "attempts", d.Attempts, 1)
	same(e, "suspect", d.Suspect, false)
}

// declineCountsNoAttempt declines three times: the first time is kept.
func declineCountsNoAttempt(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 1)...)
	c.settles(retry(c.one(), 0))
	var first int64
	before := time.Now()
	for declines := range int32(3) {
		d := c.one()
		same(e, "declines", d.Declines, declines)
		same(e, "attempts", d.Attempts, 1)
		if declines > 0 {
			e.notBefore(before, e.units(3*int(declines)))
		}
		if declines == 1 {
			first = d.Declined
		} else if declines == 2 {
			same(e, "first declined", d.Declined, first)
		}
		c.settles(decline(d, e.units(3)))
	}
	if off := time.Unix(0, first).Sub(before).Abs(); off > 5*time.Second {
		e.Errorf("declined at a time that is off by %v", off)
	}
}
