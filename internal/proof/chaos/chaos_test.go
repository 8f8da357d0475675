package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be what the program is: its own workers and publishers.
func TestMain(m *testing.M) {
	if isRole(os.Args[1:]) {
		os.Exit(playRole(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// runChaos runs the harness, and logs its report.
func runChaos(t *testing.T, args ...string) (results []*result, wrong []string) {
	t.Helper()
	o, err := parseOptions(append([]string{"-time", "10s"}, args...), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if results, err = runTrials(t.Context(), o, t.Output()); err != nil {
		t.Fatalf("seed %d: %v", o.seed, err)
	}
	return results, o.printReport(t.Output(), results)
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
	reports(t, "fence", func(r *result) int { return r.forks.count })
}

// TestHarnessReportsLosses: a worker can die between the two.
func TestHarnessReportsLosses(t *testing.T) {
	t.Parallel()
	reports(t, "ack", func(r *result) int { return r.lost.count })
}

// TestHarnessReportsLostUpdates lets processes write what they have read of a record before another one has changed it.
func TestHarnessReportsLostUpdates(t *testing.T) {
	t.Parallel()
	reports(t, "state", func(r *result) int { return r.torn.count + r.forks.count })
}

// reports wants a sabotage found. Faults strike at random, and a single run may be spared.
func reports(t *testing.T, sabotage string, count func(*result) int) {
	for range 4 {
		if results, _ := runChaos(t, "-sabotage", sabotage); count(results[0]) > 0 {
			return
		}
	}
	t.Errorf("the sabotage %q is never found", sabotage)
}
