// Package backendtest is the conformance suite that every backend passes, exported so that
// anyone can run it on a backend of their own.
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, backendtest.Harness{
//			Open: func(tb testing.TB) contract.Backend { return mine.New(tb.TempDir()) },
//		})
//	}
//
// # The model
//
// A [Harness] says how to open an empty backend and which traits the engine lacks. [Run] makes an env for
// each test: a backend of its own, a clock whose unit fits the engine, and helpers that end the test on an
// error. A test is a function over an env, in a table with its name. It publishes events, fetches
// and settles as one process or as several, and compares deliveries, results and [contract.Health] with the
// sentence of the seam that it is named after.
//
// # Groups
//
// Each test has the name of the promise that it holds the backend to, in three groups:
//
//	Seam    directly on contract.Backend, its consumers and its Admin
//	Spine   through a necro.Spine with organs, as a program uses the backend
//	Faults  a random topology whose backend fails, loses replies and loses consumers, counted
//	        from records of its own; and the proof that these counts can go wrong
//
// # Rules
//
//   - A test reads no engine's memory: it knows the seam alone, so that it holds for every engine.
//   - A test that injects faults wants them to have struck, because a fault that misses proves nothing.
//   - The count of a trial comes from records beside the backend. A chain is followed from its first event,
//     and each of its steps is to be settled once.
//
// # Where to begin reading
//
// Begin with harness.go and seam.go, then any seam_… file: each is one part of the contract. The spine_… files
// need spine.go, and the faults_… files faulty.go.
//
// # Engines and time
//
// An engine need not have every trait: [Harness].Lacks names those that it does without, and the suite then wants it to
// refuse organs that ask for them. The smallest engine that passes is backends/backendtest/internal/errorful. Run takes
// the names of groups, for a program that wants only some of them.
//
// A backend that keeps its state inside the process sets Virtual: its tests run in
// testing/synctest bubbles, where time costs nothing. Any other runs in real time, with
// waits of a few Units; then a test polls until its condition is true, because a sleep proves nothing on a loaded machine.
//
// Where a promise speaks of a race that a backend may decide either way (two consumers that
// hold one delivery), the suite asks only that exactly one wins.
//
// Faulty, the wrapper that injects the faults, is exported too.
package backendtest
