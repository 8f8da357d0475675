package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// groupsShown is how many groups the table lists.
const groupsShown = 40

// writeReport writes the totals: a table, a chart, the rejects and the statistics.
func (p *pipeline) writeReport(took time.Duration, stdout io.Writer) {
	w, t := bufio.NewWriter(stdout), &p.aggregate.totals
	defer w.Flush()
	writeTable(w, t.Groups, p.store.output)
	writeChart(w, t.Groups)
	writeRejects(w, t)
	fmt.Fprintln(w, "Statistics")
	fmt.Fprintf(w, "  rows     %s: %s counted, %s rejected\n", cli.Count(t.Rows), cli.Count(t.countKept()), cli.Count(t.countRejected()))
	fmt.Fprintf(w, "  result   %s\n", p.formatResult())
	seconds := max(took.Seconds(), 1e-6)
	fmt.Fprintf(w, "  speed    %s rows/s, %s/s, %s in all\n", cli.Count(int64(float64(t.Rows)/seconds)),
		cli.Bytes(uint64(float64(p.aggregate.counted.bytes)/seconds)), took.Round(time.Millisecond))
	fmt.Fprintf(w, "  memory   %s at most\n", cli.Bytes(cli.PeakMemory()))
}

func (p *pipeline) formatResult() string {
	switch {
	case p.store.stored:
		return fmt.Sprintf("%s groups in %s", cli.Count(len(p.aggregate.totals.Groups)), p.store.output)
	case p.aggregate.journal != nil:
		return "not written, as not all is counted: run it again to go on"
	}
	return "not written, as not all is counted"
}

// writeTable lists groups with means, and below them the least and the most.
func writeTable(w io.Writer, groups []GroupTotals, output string) {
	if len(groups) == 0 {
		return
	}
	const format = "%-12s %-12s %-7s %9s   %-19s %-19s %s\n"
	fmt.Fprintf(w, format, "Species", "island", "sex", "count", "body mass kg", "flipper cm", "beak length/depth")
	for i := range groups[:min(len(groups), groupsShown)] {
		g := &groups[i]
		fmt.Fprintf(w, format, g.Group.Species, g.Group.Island, g.Group.Sex, cli.Count(g.Count),
			spanText(g.Mass, g.Count), spanText(g.Flipper, g.Count), spanText(g.Beak, g.Count))
	}
	if more := len(groups) - groupsShown; more > 0 {
		fmt.Fprintf(w, "and %s more groups: see %s\n", cli.Count(more), output)
	}
	fmt.Fprintln(w)
}

// spanText writes a mean with the least and the most: 3.70 (2.85–4.78).
func spanText(s Span, count int64) string {
	return fmt.Sprintf("%s (%s–%s)", formatHundredths(s.Sum.divideBy(count)), formatHundredths(s.Min), formatHundredths(s.Max))
}

func formatHundredths(n Milli) string {
	n = n.divideBy(10)
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// barWidth is how many characters the longest bar has.
const barWidth = 40

// writeChart draws the mean body mass by species and sex.
func writeChart(w io.Writer, groups []GroupTotals) {
	var bars Totals
	for i := range groups {
		all := groups[i].Group
		all.Island = ""
		bars.groupTotals(all).addGroup(&groups[i])
	}
	if len(bars.Groups) == 0 || len(bars.Groups) > groupsShown {
		return
	}
	longest := Milli(1)
	for i := range bars.Groups {
		longest = max(longest, bars.Groups[i].Mass.Sum.divideBy(bars.Groups[i].Count))
	}
	fmt.Fprintln(w, "Mean body mass")
	for i := range bars.Groups {
		g := &bars.Groups[i]
		mean := g.Mass.Sum.divideBy(g.Count)
		fmt.Fprintf(w, "%-12s %-7s %s %s kg\n", g.Group.Species, g.Group.Sex, strings.Repeat("█", int(mean*barWidth/longest)), formatHundredths(mean))
	}
	fmt.Fprintln(w)
}

// writeRejects lists why rows were rejected, and the lines where that was first.
func writeRejects(w io.Writer, t *Totals) {
	if len(t.Rejects) == 0 {
		return
	}
	fmt.Fprintln(w, "Rejected rows")
	for i := range t.Rejects {
		r := &t.Rejects[i]
		lines := make([]string, len(r.First))
		for i := range r.First {
			lines[i] = strconv.Itoa(r.First[i].Line)
		}
		text := strings.Join(lines, ", ")
		if r.Count > int64(len(lines)) {
			text += ", …"
		}
		fmt.Fprintf(w, "%9s  %-36s line %s\n", cli.Count(r.Count), strings.TrimSpace(r.Column+" "+r.Reason), text)
	}
	fmt.Fprintln(w)
}

// mistakesShown is how many mistakes are told one by one.
const mistakesShown = 20

// tellWrong tells where rows have mistakes and how to mend them, and whether there are any.
func (p *pipeline) tellWrong(stderr io.Writer) bool {
	n, first := p.aggregate.totals.countWrong()
	first = first[:min(len(first), mistakesShown)]
	for i := range first {
		fmt.Fprintf(stderr, "%s:%d: %s\n", p.source.name, first[i].Line, first[i].describeReject())
	}
	if more := n - int64(len(first)); more > 0 {
		fmt.Fprintf(stderr, "%s: %s more rows have mistakes\n", p.source.name, cli.Count(more))
	}
	return n > 0
}

// describeReject says what the mistake is, and how to mend it.
func (r *Reject) describeReject() string {
	switch {
	case r.Column != "":
		return fmt.Sprintf("%s: %q %s: %s", r.Column, r.Value, r.Reason, r.Mend)
	case r.Value != "":
		return fmt.Sprintf("%s, %s: %s", r.Reason, r.Value, r.Mend)
	}
	return fmt.Sprintf("%s: %s", r.Reason, r.Mend)
}
