// Package necrotest tests organs and whole topologies.
//
// Feed hands one event to one organ and returns what became of it:
//
//	fed := necrotest.Feed(t, &Billing{}, &OrderPlaced{OrderID: id, Amount: 99})
//	taken := necrotest.Emitted[PaymentTaken](fed)
//
// Run builds a topology and lets it work on virtual time, so that retries, timeouts and
// breakers cost no time and their delays can be asserted exactly:
//
//	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
//		k.Publish(&OrderPlaced{OrderID: id, Amount: 99})
//		k.Drain()
//		letters := k.DeadLetters("shop.Billing")
//	}, necro.WithOrgans(&Billing{}, &Audit{}))
//
// Exhaust runs a topology again and again, with one fault at one call of the backend each
// time: the call fails, is repeated, loses its reply, or its program crashes. The outcome has
// to be that of the run without any fault. A handler whose emissions differ when it is called
// again for the same delivery is reported, too:
//
//	necrotest.Exhaust(t, func(w *necrotest.World) {
//		w.Organs = func() []necro.Organ { return []necro.Organ{&Billing{}, &Shipping{}} }
//	}, &OrderPlaced{OrderID: id, Amount: 99})
//
// Check fails when generated code of the module is missing or stale:
//
//	func TestGenerated(t *testing.T) { necrotest.Check(t) }
//
// Feed, Run and Exhaust pass every event through its codec, so a handler sees what it would see behind a
// backend that stores bytes.
package necrotest
