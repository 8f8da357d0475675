package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be what the program is: its own workers and publishers.
func TestMain(m *testing.M) {
	if isRole(os.Args[1:]) {
		os.Exit(play(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// runChaos runs the harness, and logs its report.
func runChaos(t *testing.T, args ...string) (results []*result, wrong []string) {
	t.Helper()
	o, err := parse(append([]string{"-time", "10s"}, args...), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if results, err = torment(t.Context(), o, t.Output()); err != nil {
		t.Fatalf("seed %d: %v", o.seed, err)
	}
	return results, o.report(t.Output(), results)
}

func TestHarnessFindsNothing(t *testing.T) {
	if _, wrong := runChaos(t); len(wrong) > 0 {
		t.Errorf("%d things are wrong", len(wrong))
	}
}

// TestHarnessReportsForks: without the fence, a worker that comes back from the dead stores
// its emissions beside those of whoever took over.
func TestHarnessReportsForks(t *testing.T) {
	t.Parallel()
	if results, _ := runChaos(t, "-sabotage", "fence"); results[0].forks.count == 0 {
		t.Errorf("no forked chain is reported, with %d late settles and no fence", results[0].late)
	}
}

// TestHarnessReportsLosses: a worker can die between the two.
func TestHarnessReportsLosses(t *testing.T) {
	t.Parallel()
	if results, _ := runChaos(t, "-sabotage", "ack"); results[0].lost.count == 0 {
		t.Error("no lost chain is reported, with acknowledgements before emissions")
	}
}
