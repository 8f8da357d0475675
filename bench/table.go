package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printResult holds a contest and prints its result.
func (c contest) printResult(w io.Writer, s settings) (missed []string, err error) {
	samples := s.runContest(c)
	fmt.Fprintf(w, "%s\n", c.title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tns/event\tallocs\tbytes\tours against it\ttarget")
	printRow(t, c.ours.name, samples[0], "", "")
	for i, p := range c.peers {
		v := p.goal.judge(samples[0], samples[i+1])
		printRow(t, p.name, samples[i+1], v.String(), v.targetText())
		missed = append(missed, v.missText(c.name, p.name)...)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

func printRow(w io.Writer, name string, samples []sample, ratio, target string) {
	nanos := medianOf(samples, func(s sample) float64 { return s.nanos })
	allocs := medianOf(samples, func(s sample) float64 { return s.allocs })
	bytes := medianOf(samples, func(s sample) float64 { return s.bytes })
	fmt.Fprintf(w, "  %s\t%s\t%.1f\t%.2f\t%.0f\t%s\t%s\n", name, withCommas(1e9/nanos), nanos, allocs, bytes, ratio, target)
}

// medianOf returns the median of one number of the samples.
func medianOf(samples []sample, number func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = number(s)
	}
	return median(values)
}

// withCommas writes a number with commas.
func withCommas(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
