// Package backendtest is the conformance suite that every backend passes, exported so that
// anyone can run it on a backend of their own.
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, backendtest.Harness{
//			Open: func(tb testing.TB) necro.Backend { return mine.New(tb.TempDir()) },
//		})
//	}
//
// Each test has the name of the promise that it holds the backend to, in three groups:
//
//	Seam    directly on necro.Backend, its consumers and its Admin
//	Spine   through a necro.Spine with organs, as a program uses the backend
//	Faults  a random topology whose backend fails, loses replies and loses consumers, counted
//	        from records of its own; and the proof that these counts can go wrong
//
// An engine need not have every trait: [Harness].Lacks names those that it does without, and the suite then wants it to
// refuse organs that ask for them. The smallest engine that passes is backends/backendtest/internal/errorful. Run takes
// the names of groups, for a program that wants only some of them.
//
// A backend that keeps its state inside the process sets Virtual: its tests run in
// testing/synctest bubbles, where time costs nothing. Any other runs in real time, with
// waits of a few Units; then a test waits for what it expects by polling, never by sleeping
// and hoping.
//
// Where a promise speaks of a race that a backend may decide either way (two consumers that
// hold one delivery), the suite asks for what counts, which is that exactly one wins.
//
// Faulty, the wrapper that injects the faults, is exported too.
package backendtest
