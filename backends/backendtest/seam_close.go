package backendtest

import (
	"errors"

	"github.com/necrostack/necrogen/runtime/contract"
)

var closeTests = []test{
	{"ClosedBackendRefuses", closedBackendRefuses},
	{"CloseEndsAFetch", closeEndsAFetch},
	{"ConsumerCloseEndsItsFetch", consumerCloseEndsItsFetch},
	{"SecondCloseIsHarmless", secondCloseIsHarmless},
}

func closedBackendRefuses(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 2)...)
	d := c.one()
	e.ok(b.Close(), "close")

	_, subscribe := b.Subscribe(e.ctx, []contract.Subscription{e.organ("all", typeA)})
	_, fetch := c.fetch(e.ctx, 1)
	_, settle := c.Settle(e.ctx, []contract.Outcome{ack(d)})
	for call, err := range map[string]error{
		"publish":   publishAll(e.ctx, b, encoded(e, b, messagesA(3, 3))),
		"subscribe": subscribe,
		"health":    b.Health(e.ctx).Err,
		"fetch":     fetch,
		"settle":    settle,
	} {
		if !errors.Is(err, contract.ErrClosed) {
			e.Errorf("%s: error %v, want %v", call, err, contract.ErrClosed)
		}
	}
}

func closeEndsAFetch(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	err := c.waits(func() { e.ok(b.Close(), "close") })
	if !errors.Is(err, contract.ErrClosed) {
		e.Errorf("fetch: error %v, want %v", err, contract.ErrClosed)
	}
}

func consumerCloseEndsItsFetch(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	if c.waits(c.close) == nil {
		e.Error("fetch on a closed consumer returns no error")
	}
}

// secondCloseIsHarmless, of a consumer and of a backend, also of a consumer whose backend is closed.
func secondCloseIsHarmless(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("all", typeA), e.organ("other", typeA))
	e.publish(b, messagesA(1, 1)...)
	cs[0].one()
	for range 2 {
		e.ok(cs[0].Close(), "close a consumer")
		h := e.health(b, "all")
		same(e, "consumers", h.Consumers, 0)
		same(e, "stored", stored(h), 1)
	}
	for range 2 {
		e.ok(b.Close(), "close")
	}
	e.ok(cs[1].Close(), "close a consumer of a closed backend")
	e.ok(cs[0].Close(), "close a consumer again")
}

// waits returns the error of a Fetch that waits until end.
func (c *consumer) waits(end func()) error {
	done := make(chan error, 1)
	go func() {
		_, err := c.fetch(c.e.ctx, 1)
		done <- err
	}()
	c.e.wait(c.e.units(2))
	end()
	return <-done
}
