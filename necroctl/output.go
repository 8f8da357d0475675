package necroctl

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
)

// options are what the flags set. A verb has some of them.
type options struct {
	url, redis, namespace string
	askPassword           bool

	output      string
	dryRun, yes bool
	reshape     bool // an edited event may have another shape
	reason      string
	filter      filter

	forKey string

	listen  string
	console ConsoleOptions

	publishing
	tailing
	proving
	limit int
}

func outputFlag(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.output, "o", "table", "`format` of the output: table or json")
}

// checkValues returns an error for a flag with a value that it cannot have.
func (o *options) checkValues() error {
	if o.output != "" && o.output != "table" && o.output != "json" {
		return fmt.Errorf("-o %s: need table or json", o.output)
	}
	return nil
}

// printRows prints rows: as a table, or as a JSON array, which is empty when there are none.
func printRows[T any](r *run, list []T, head string, row func(T) []any) int {
	if r.output == "json" {
		if list == nil {
			list = []T{}
		}
		return r.printJSON(list)
	}
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(head, " ", "\t"))
	for _, v := range list {
		var cells []string
		values := row(v)
		for i, cell := range values {
			text := operate.OneLine(fmt.Sprint(cell))
			if text == "" && i < len(values)-1 {
				text = "-" // an empty cell would shift the columns behind it for programs that split at blanks
			}
			cells = append(cells, text)
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return r.exitCode(w.Flush())
}

// printJSON prints a value for scripts.
func (r *run) printJSON(v any) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	if err == nil {
		_, err = r.out.Write(operate.EscapeJSON(b.Bytes()))
	}
	return r.exitCode(err)
}

// printNote prints a remark on the error output, beside the result.
func (r *run) printNote(format string, args ...any) {
	fmt.Fprintf(r.err, "%s: %s\n", r.name, operate.EscapeLines(fmt.Sprintf(format, args...)))
}

// seconds returns a duration as scripts read it.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// missingError returns the error about an unknown name. It suggests the nearest name, or lists all that exist.
func missingError(what, name, near string, have []string) error {
	if near != "" {
		return fmt.Errorf("there is no %s %s; did you mean %s?", what, name, near)
	}
	if len(have) == 0 {
		return fmt.Errorf("there is no %s %s, and there are no others", what, name)
	}
	slices.Sort(have)
	return fmt.Errorf("there is no %s %s; there are %s", what, name, strings.Join(have, ", "))
}
