package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// writeReport writes the deliveries and the statistics; whole says that nothing was lost.
func (s *service) writeReport(ctx context.Context, o *options, took time.Duration, stdout io.Writer) (whole bool, err error) {
	w := bufio.NewWriter(stdout)
	sum, err := s.summarize(ctx, o.show, took)
	sent := slices.Clone(s.audit.sent.Latest())
	slices.SortStableFunc(sent, func(a, b *DeliverySent) int {
		return cmp.Or(cmp.Compare(a.NotificationID, b.NotificationID), cmp.Compare(channelIndex(a.Channel), channelIndex(b.Channel)))
	})
	all := uint64(0)
	for i := range channels {
		all += sum.Sent[i]
	}
	writeSection(w, "Sent", sent, all, func(d *DeliverySent) string {
		return fmt.Sprintf("%10d %-6s %-24s %s", d.NotificationID, d.Channel, d.To, subjectOf(d.Message))
	})
	rejected := s.audit.rejected.Latest()
	writeSection(w, "Rejected", rejected, sum.Rejected, func(r *NotificationRejected) string {
		return fmt.Sprintf("%10d %-31s %s", r.NotificationID, r.UserID, r.Reason)
	})
	dead := sum.earlier
	for _, n := range sum.dead {
		dead += n
	}
	writeSection(w, "Dead letters", sum.letters, dead, func(line string) string { return line })
	sum.writeStatistics(w, o.stress > 0)
	return sum.isWhole(), errors.Join(err, w.Flush())
}

// writeSection lists items, of which there are more in all than are kept.
func writeSection[T any](w io.Writer, title string, items []T, all uint64, line func(T) string) {
	if len(items) == 0 {
		return
	}
	if all > uint64(len(items)) {
		title += fmt.Sprintf(", %d of %s", len(items), cli.Count(all))
	}
	fmt.Fprintln(w, title)
	for _, item := range items {
		fmt.Fprintln(w, line(item))
	}
	fmt.Fprintln(w)
}
