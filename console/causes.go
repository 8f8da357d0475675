package console

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// mostGrouped bounds how many dead letters of an organ a page reads to tell their causes.
const mostGrouped = 1000

// cause is what dead letters of an organ have in common when one fault has made them. An empty field stands for any value.
type cause struct{ Event, Reason, Error string }

// String returns a cause for people, on one line.
func (want cause) String() string {
	return lineOf(strings.Join(slices.DeleteFunc([]string{want.Event, want.Reason, want.Error}, func(part string) bool { return part == "" }), ", "))
}

// causeRow is a cause with how many of the letters that were read have it.
type causeRow struct {
	Cause  cause
	Count  int
	GaveUp int // of these, letters whose give-up handler ran
}

// causes are those of the oldest dead letters of an organ, the most frequent first.
type causes struct {
	Rows []causeRow
	Read int
	Cut  bool // there are more letters
}

// numbers matches words with a digit in them, as in ids, times, ports and counts.
var numbers = regexp.MustCompile(`[\pL\d]*\d[\pL\d]*`)

// shapeOf returns an error without what differs from letter to letter.
func shapeOf(text string) string { return numbers.ReplaceAllLiteralString(lineOf(text), "#") }

func causeOf(l *contract.DeadLetter) cause {
	return cause{lineOf(l.Message.Type.Name), lineOf(string(l.Reason)), shapeOf(l.Error)}
}

// causeFrom reads a cause from an address or a form.
func causeFrom(q url.Values) cause { return cause{q.Get("event"), q.Get("reason"), q.Get("error")} }

// includes reports whether a cause is the wanted one, or one of those that it stands for.
func (want cause) includes(has cause) bool {
	return (want.Event == "" || want.Event == has.Event) && (want.Reason == "" || want.Reason == has.Reason) && (want.Error == "" || want.Error == has.Error)
}

func (want cause) matchesLetter(l *contract.DeadLetter) bool {
	return want == (cause{}) || want.includes(causeOf(l))
}

// countMatches counts the letters that have a cause, and those of them whose give-up handler ran. Beyond mostGrouped letters there may
// be more of them.
func (list *causes) countMatches(want cause) (n, gaveUp int) {
	for _, row := range list.Rows {
		if want.includes(row.Cause) {
			n, gaveUp = n+row.Count, gaveUp+row.GaveUp
		}
	}
	return n, gaveUp
}

// readCauses groups the oldest dead letters of an organ that has so many.
func (c *console) readCauses(ctx context.Context, organ string, dead int) (causes, error) {
	b, err := as[contract.Admin](c, "dead letters")
	if err != nil {
		return causes{}, err
	}
	return ask(ctx, c.answers, "causes "+organ, stable, func(ctx context.Context) (list causes, err error) {
		rows := map[cause]*causeRow{}
		err = walkLetters(ctx, b, organ, contract.ID{}, min(dead, mostGrouped), func(page []contract.DeadLetter, _ contract.ID) (more bool, err error) {
			for i := range page {
				found := causeOf(&page[i])
				row := rows[found]
				if row == nil {
					row = &causeRow{Cause: found}
					rows[found] = row
				}
				if row.Count++; page[i].GaveUp {
					row.GaveUp++
				}
			}
			list.Read += len(page)
			return true, nil
		})
		list.Cut = list.Read < dead && list.Read >= mostGrouped
		for _, row := range rows {
			list.Rows = append(list.Rows, *row)
		}
		slices.SortFunc(list.Rows, func(x, y causeRow) int {
			return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Cause.String(), y.Cause.String()))
		})
		return list, err
	})
}
