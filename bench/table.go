package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// print holds a contest and prints its result.
func (c contest) print(w io.Writer, s settings) (missed []string, err error) {
	samples := s.hold(c)
	fmt.Fprintf(w, "%s\n", c.title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tevents/s\tns/event\tallocs\tbytes\tours against it\ttarget")
	printRow(t, c.ours.name, samples[0], "", "")
	for i, p := range c.peers {
		v := p.goal.judge(samples[0], samples[i+1])
		printRow(t, p.name, samples[i+1], v.String(), v.target())
		missed = append(missed, v.miss(c.name, p.name)...)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed, nil
}

func printRow(w io.Writer, name string, samples []sample, ratio, target string) {
	nanos := pick(samples, func(s sample) float64 { return s.nanos })
	allocs := pick(samples, func(s sample) float64 { return s.allocs })
	bytes := pick(samples, func(s sample) float64 { return s.bytes })
	fmt.Fprintf(w, "  %s\t%s\t%.1f\t%.2f\t%.0f\t%s\t%s\n", name, thousands(1e9/nanos), nanos, allocs, bytes, ratio, target)
}

// pick returns the median of one number of the samples.
func pick(samples []sample, number func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = number(s)
	}
	return median(values)
}

// thousands writes a number with commas.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
