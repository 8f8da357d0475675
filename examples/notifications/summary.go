package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/notifications/gateway"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// summary is what a run did. The audit's totals, the spine's and the backend's dead letters are
// counted apart, so that one proves the other.
type summary struct {
	Totals
	open    int                 // notifications that are not completed
	dead    [len(organs)]uint64 // dead letters of this run, the channels' first
	earlier uint64              // dead letters of earlier ones
	letters []string            // the first of them all, as they are listed
	stats   necro.Stats
	gateway *gateway.Counts // nil without a built-in one
	took    time.Duration
}

func (s *service) summarize(ctx context.Context, show int, took time.Duration) (*summary, error) {
	sum := &summary{stats: s.spine.Stats(), took: took}
	sum.Totals, sum.open = s.audit.totalsAndOpen()
	if s.world.builtin != nil {
		counts := s.world.builtin.Counts()
		sum.gateway = &counts
	}
	var errs []error
	for i, organ := range organs {
		errs = append(errs, s.visitLetters(ctx, organ, func(l *contract.DeadLetter) bool {
			if len(sum.letters) < show {
				sum.letters = append(sum.letters, lineOf(l))
			}
			if s.audit.isOpen(l.Message.Correlation) {
				sum.dead[i]++
			} else {
				sum.earlier++
			}
			return true
		}))
	}
	return sum, errors.Join(errs...)
}

// countLost returns how many notifications are unaccounted for.
func (s *summary) countLost() int64 {
	return int64(s.stats.Published) - int64(s.Rejected+s.Completed) - int64(s.open)
}

// lostOf is how many deliveries of a channel are unaccounted for.
func (s *summary) lostOf(i int) int64 { return int64(s.Asked[i]) - int64(s.Sent[i]+s.dead[i]) }

// isWhole reports whether nothing was lost.
func (s *summary) isWhole() bool {
	whole := s.countLost() == 0
	for i := range channels {
		whole = whole && s.lostOf(i) == 0
	}
	return whole
}

// writeStatistics prints the statistics. A rate is printed only of a stress run, in which the program never waits on purpose.
func (s *summary) writeStatistics(w io.Writer, isStress bool) {
	n, seconds := cli.Count[uint64], max(s.took.Seconds(), 1e-6)
	fmt.Fprintln(w, "Statistics")
	fmt.Fprintf(w, "  asked    %s: %s completed, %s with dead letters, %s rejected, %s lost\n",
		countNoun(s.stats.Published, "notification"), n(s.Completed), cli.Count(s.open), n(s.Rejected), cli.Count(s.countLost()))
	for i, c := range channels {
		fmt.Fprintf(w, "  %-8s %s: %s sent, %s, %s lost\n",
			c, countNoun(s.Asked[i], "message"), n(s.Sent[i]), countNoun(s.dead[i], "dead letter"), cli.Count(s.lostOf(i)))
	}
	fmt.Fprintf(w, "  skipped  %s: the user has no such address\n", countNoun(s.Skipped, "message"))
	if s.earlier+s.Earlier > 0 {
		fmt.Fprintf(w, "  earlier  %s of earlier runs, %s of them sent now\n", countNoun(s.earlier, "dead letter"), n(s.Earlier))
	}
	s.writeGateway(w)
	fmt.Fprintf(w, "  work     %s events, %s deliveries handled, %s retried\n", n(s.Events), n(s.stats.Handled), n(s.stats.Retried))
	if isStress {
		fmt.Fprintf(w, "  speed    %s notifications/s, %s deliveries/s, %s in all\n", n(uint64(float64(s.stats.Published)/seconds)),
			n(uint64(float64(s.stats.Handled)/seconds)), s.took.Round(time.Millisecond))
	}
	fmt.Fprintf(w, "  memory   %s at most\n", cli.Bytes(cli.PeakMemory()))
	if !isStress {
		fmt.Fprintf(w, "  took     %s: the gateway is slow, and fails, on purpose; --stress 100000 measures the speed\n",
			s.took.Round(time.Millisecond))
	}
}

// writeGateway tells what the other side counted.
func (s *summary) writeGateway(w io.Writer) {
	if g := s.gateway; g != nil {
		taken := uint64(0)
		for _, n := range g.Taken {
			taken += n
		}
		fmt.Fprintf(w, "  gateway  took %s, dropped %s, failed %s, refused %s\n", countNoun(taken, "message"),
			countNoun(g.Repeated, "repeat"), countNoun(g.Failed, "call"), countNoun(g.Refused, "call"))
	}
}

// countNoun writes a number with its noun: "1 mail", "2 mails".
func countNoun[T ~int | ~uint64](n T, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return cli.Count(n) + " " + what + "s"
}
