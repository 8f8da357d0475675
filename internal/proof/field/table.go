package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// printTable prints a row for each scenario, and the findings below. It reports whether there is any.
func printTable(w io.Writer, verdicts []*verdict) (wrong bool) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "scenario\tpublished\twork\tfollow\torder\trepeated\tleft\tstrikes\tlongest pause\tallowed\tfindings\t")
	for _, v := range verdicts {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%d\t\n", v.scenario, v.published,
			v.handled[partWork], v.handled[partFollow], v.handled[partOrder], v.repeated, v.left, v.strikes,
			v.pause.Round(10*time.Millisecond), v.allowed, len(v.wrong))
	}
	table.Flush()
	for _, v := range verdicts {
		for _, finding := range v.wrong {
			wrong = true
			fmt.Fprintf(w, "%s: %s\n", v.scenario, finding)
		}
	}
	if !wrong {
		fmt.Fprintln(w, "0 lost, 0 forked, nothing left over, nothing out of order where order is promised")
	}
	return wrong
}
