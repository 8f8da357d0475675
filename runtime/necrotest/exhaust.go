package necrotest

import (
	"context"
	"os"
	"slices"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
)

// World is the world of one run of a topology: its organs, and the things outside of them. The function that
// Exhaust is given fills one in for every run, so everything in a World is new in every run: a gateway that
// remembers its charges, a journal, a table.
type World struct {
	// Organs makes the organs of a program. It is called whenever the program starts: when
	// the run begins, and after every crash. What an organ knows is lost then, unless Organs
	// restores it from something that the World holds.
	Organs func() []necro.Organ
	// InMemory are organs whose state is in memory alone. They run in a program of their own, which every fault
	// strikes but the crash: its calls fail, are repeated, lose their replies, its leases run out, and so a
	// delivery comes again to an organ that has handled it. A crash would take their state, which nothing brings
	// back: Exhaust says nothing of what becomes of that. Organs that restore their state when they are made, or
	// have none, belong into Organs.
	InMemory []necro.Organ
	// Snapshot returns the state that must be the same after every run besides the events: the charges of a
	// gateway, the rows of a table, the counters of an organ in memory. Optional. Snapshots are compared with
	// reflect.DeepEqual.
	Snapshot func() any
	// Options are those of necro.New, for both programs. Exhaust overrides the concurrency of
	// every organ, which is 1, its backoff, which is constant, its breaker, which is off, and
	// the lease.
	Options []necro.Option

	r        *run
	cleanups []func()
}

// Cleanup registers a function that is called when the run is over and its programs have ended: it
// closes what the World opened, such as a *sql.DB, whose goroutines must end with the run. The last
// one is called first. Snapshot is taken before.
func (w *World) Cleanup(f func()) { w.cleanups = append(w.cleanups, f) }

// runCleanups calls the functions that Cleanup was given.
func (w *World) runCleanups() {
	for _, f := range slices.Backward(w.cleanups) {
		f()
	}
}

// Publish stands in for Spine.Publish, for organs that publish events besides the emitted ones. Calls of it are
// struck by faults, too. With the context of a handler it belongs to the handler's program: when that crashes
// here, the handler does not go on.
func (w *World) Publish(ctx context.Context, e necro.Event, options ...necro.PublishOption) error {
	return w.r.publishFrom(ctx, e, options)
}

// onlyVariable is the environment variable that names the one fault which is to strike.
const onlyVariable = "NECROTEST_FAULT"

// Exhaust holds a topology to the promise that whatever happens, the outcome is the same. It
// publishes the events and lets the organs work until nothing is left, once undisturbed. Then
// it does so again for every call of the backend in that run and for everything that can
// happen to the call, one fault a run:
//
//	error         it fails, and has no effect
//	lost reply    it has its effect, and fails
//	repeated      it is made twice
//	lease lost    of a settle: it comes when the lease has run out, so its deliveries come again
//	crash before  the program ends before the call has an effect, and is started anew
//	crash after   the program ends after the call had its effect, and is started anew
//
// After each fault the topology recovers by itself. Then the same events must be stored, with
// the same ids, the same deliveries handled or given up for the same reason, and the Snapshot
// be the same, and so must what organs with state keep. All this is done twice: with one delivery a Fetch, and with batches, where more
// is in flight when a fault strikes.
//
// One more run handles every delivery twice, some time apart, and reports the handlers whose
// emissions differ, or what they keep as state: time.Now, random numbers and the order of maps are the usual reasons.
//
// An event with a schedule (//necro:every) is published once in each run, at the first tick that comes within a day.
//
// Every run has a memory backend of its own that passes all events through their codecs, and
// its own bubble of virtual time (testing/synctest), so retries and leases cost no time.
// Organs work one after the other, those first that are nearer to the published events, so a
// run without faults always takes the same way. All events carry the same time. Goroutines
// that the World starts must end with the run: Cleanup is the place to end them.
//
// A difference fails the test and is reported with the fault, what differs, and a line that
// replays this one fault with all its calls. Exhaust logs how many faults there were, and
// returns the number.
func Exhaust(t *testing.T, build func(w *World), events ...necro.Event) (faults int) {
	t.Helper()
	x := newExhaustion(build, events, os.Getenv(onlyVariable))
	x.bubble = func(work func()) { inBubble(t, func(*testing.T) { work() }) }
	x.exploreFaults()
	x.reportFindings(t)
	return x.faults
}
