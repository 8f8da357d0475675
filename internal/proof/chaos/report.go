package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// printReport prints the count, and returns its faults.
func (o *options) printReport(w io.Writer, results []*result) (wrong []string) {
	o.faultTable(w, results)
	countTable(w, results)
	for i, r := range results {
		for _, problem := range r.findProblems() {
			wrong = append(wrong, o.planTrials()[i].name+": "+problem)
		}
	}
	wrong = append(wrong, o.findToothless(results)...)
	for _, problem := range wrong {
		fmt.Fprintln(w, "WRONG", problem)
	}
	if len(wrong) > 0 {
		fmt.Fprintf(w, "to replay the choices: go run ./internal/proof/chaos -time %s -seed %d -lease %s -pace %s -sabotage %q\n",
			o.time, o.seed, o.lease, o.pace, o.sabotage)
	}
	return wrong
}

// faultTable tells how often which fault struck, and how often something was in flight.
func (o *options) faultTable(w io.Writer, results []*result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "struck\tbit\t \tfault")
	for i, t := range o.planTrials() {
		for _, f := range t.faults {
			n := results[i].tallies[f.name]
			fmt.Fprintf(table, "%d\t%d\t \t%s\n", n.struck, n.bit, f.name)
		}
	}
	table.Flush()
}

// countTable has a column for each trial.
func countTable(w io.Writer, results []*result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, number func(*result) int) {
		for _, r := range results {
			fmt.Fprintf(table, "%d\t", number(r))
		}
		fmt.Fprintf(table, " \t%s\n", name)
	}
	row("chains published", func(r *result) int { return r.published })
	row("chains completed", func(r *result) int { return r.completed })
	row("events handled", func(r *result) int { return len(r.handled) })
	row("events emitted", func(r *result) int { return r.emitted })
	row("calls of handlers that succeeded", func(r *result) int { return r.calls })
	row("calls of handlers that failed", func(r *result) int { return r.failures })
	row("settles that came too late", func(r *result) int { return r.late })
	row("dead letters that had to be", func(r *result) int { return r.doomed })
	row("dead letters after three crashes", func(r *result) int { return r.condemned })
	row("seconds until all was worked off", func(r *result) int { return int(r.recovery.Seconds() + 0.5) })
	row("LOST", func(r *result) int { return r.lost.count })
	row("FORKED", func(r *result) int { return r.forks.count })
	row("WRONG STATES", func(r *result) int { return r.torn.count })
	row("LEFT OVER", func(r *result) int { return sumCounts(r.leftOver) })
	table.Flush()
}

func sumCounts(left map[string]int64) (n int) {
	for _, count := range left {
		n += int(count)
	}
	return n
}

// findProblems lists the results that must not be.
func (r *result) findProblems() (list []string) {
	for _, e := range []struct {
		what string
		evidence
	}{
		{"lost", r.lost}, {"forked", r.forks}, {"stray events", r.strays}, {"wrong states", r.torn}, {"failed processes", r.crashed},
	} {
		if e.count > 0 {
			list = append(list, fmt.Sprintf("%s: %d", e.what, e.count))
			list = append(list, e.first...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.leftOver)) {
		list = append(list, fmt.Sprintf("left over: %d %s", r.leftOver[key], key))
	}
	for _, organ := range r.unbound {
		list = append(list, "not bound: "+organ)
	}
	if r.published == 0 || r.late == 0 && r.tallies[frozenWorkers].bit > 2 {
		list = append(list, fmt.Sprintf("%d chains published, %d settles came too late: nothing was tried", r.published, r.late))
	}
	return list
}

// findToothless returns the faults that bit too rarely for the run to mean something: a worker is
// to be killed 50 times in ten minutes, the server 20 times, and in a minute everything is to
// happen at least once.
func (o *options) findToothless(results []*result) (list []string) {
	wanted := map[string]int{
		killedWorkers: max(1, int(50*o.time/(10*time.Minute))),
		killedServers: max(1, int(20*o.time/(10*time.Minute))),
	}
	for i, t := range o.planTrials() {
		for _, f := range t.faults {
			least := wanted[f.name]
			if o.time >= time.Minute {
				least = max(least, 1)
			}
			if bit := results[i].tallies[f.name].bit; bit < least {
				list = append(list, fmt.Sprintf("too few faults bit: %s: %d, want %d", f.name, bit, least))
			}
		}
	}
	return list
}
