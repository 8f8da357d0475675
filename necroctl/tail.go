package necroctl

import (
	"encoding/json"
	"flag"
	"fmt"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// tailing is what the flags of tail set.
type tailing struct{ tailType, tailKey, tailChain string }

func tailFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.StringVar(&o.tailType, "type", "", "events with this `name`")
	flags.StringVar(&o.tailKey, "for", "", "events with this `key`")
	flags.StringVar(&o.tailChain, "correlation", "", "events of the chain with this `id`")
	flags.IntVar(&o.limit, "limit", 0, "end after so many; 0 is never")
}

// recent remembers the last ids of events that were shown, at least so many: each event comes once
// for every organ.
type recent struct {
	least           int
	current, former map[contract.ID]bool
}

// addNew remembers an id, and reports whether it was new.
func (r *recent) addNew(id contract.ID) bool {
	if r.current[id] || r.former[id] {
		return false
	}
	if r.current == nil || len(r.current) == r.least {
		r.current, r.former = map[contract.ID]bool{}, r.current
	}
	r.current[id] = true
	return true
}

// followEvents prints events as they are stored, as lines for people or as JSON, one a line.
func (r *run) followEvents([]string) int {
	b, err := backendAs[contract.Inspector](r)
	if err != nil {
		return r.tellFailure(err)
	}
	var chain contract.ID
	if r.tailChain != "" {
		if chain, err = contract.ParseID(r.tailChain); err != nil {
			return r.tellMisuse(fmt.Errorf("-correlation: %w", err))
		}
	}
	shown, count := recent{least: 10_000}, 0
	var failed error
	err = b.Tail(r.ctx, func(s contract.Stored) bool {
		m := &s.Message
		if r.tailType != "" && m.Type.Name != r.tailType || r.tailKey != "" && m.Key != r.tailKey ||
			!chain.IsZero() && m.Correlation != chain || !shown.addNew(m.ID) {
			return true
		}
		failed = r.showMessage(m)
		count++
		return failed == nil && (r.limit == 0 || count < r.limit)
	})
	if err == nil {
		err = failed
	}
	return r.exitCode(err)
}

// showMessage prints an event on one line.
func (r *run) showMessage(m *contract.Message) error {
	e := eventOf(m)
	if r.output != "json" {
		_, err := fmt.Fprintf(r.out, "%s %s %s %s\n", e.Time.Format("15:04:05.000"), operate.OneLine(e.Type), e.ID, operate.EscapeJSON(e.Data))
		return err
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = r.out.Write(append(operate.EscapeJSON(line), '\n'))
	}
	return err
}
