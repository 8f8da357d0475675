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

// report writes the deliveries and the statistics; whole says that nothing was lost.
func (s *service) report(ctx context.Context, o *options, took time.Duration, stdout io.Writer) (whole bool, err error) {
	w := bufio.NewWriter(stdout)
	sum, err := s.summary(ctx, o.show, took)
	sent := slices.Clone(s.audit.sent.Latest())
	slices.SortStableFunc(sent, func(a, b *DeliverySent) int {
		return cmp.Or(cmp.Compare(a.NotificationID, b.NotificationID), cmp.Compare(index(a.Channel), index(b.Channel)))
	})
	all := uint64(0)
	for i := range channels {
		all += sum.Sent[i]
	}
	section(w, "Sent", sent, all, func(d *DeliverySent) string {
		return fmt.Sprintf("%10d %-6s %-24s %s", d.NotificationID, d.Channel, d.To, subject(d.Message))
	})
	rejected := s.audit.rejected.Latest()
	section(w, "Rejected", rejected, sum.Rejected, func(r *NotificationRejected) string {
		return fmt.Sprintf("%10d %-31s %s", r.NotificationID, r.UserID, r.Reason)
	})
	dead := sum.earlier
	for _, n := range sum.dead {
		dead += n
	}
	section(w, "Dead letters", sum.letters, dead, func(line string) string { return line })
	sum.write(w, o.stress > 0)
	return sum.whole(), errors.Join(err, w.Flush())
}

// section lists items, of which there are more in all than are kept.
func section[T any](w io.Writer, title string, items []T, all uint64, line func(T) string) {
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
