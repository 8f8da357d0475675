package necroctl

import (
	"bytes"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

func chainFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.IntVar(&o.limit, "limit", 1_000_000, "look through at most so many stored events; 0 for all")
}

// link is an event of a chain, with where it stands, for scripts.
type link struct {
	storedEvent
	Places []operate.Place `json:"places"`
}

// showChain shows a chain as a tree. The id may be that of any event of it that is still stored.
func (r *run) showChain(words []string) int {
	id, err := contract.ParseID(words[0])
	if err != nil {
		return r.tellMisuse(err)
	}
	chain, err := r.findChain(id)
	switch {
	case err != nil:
		return r.tellFailure(err)
	case len(chain.Links) == 0 && chain.Cut:
		return r.tellFailure(fmt.Errorf("no event of the chain %s is among the first %d that are stored: -limit 0 searches all", id, r.limit))
	case len(chain.Links) == 0:
		return r.tellFailure(fmt.Errorf("no event of the chain %s is stored: all were handled, or there is no such chain", id))
	}
	code := ExitDone
	if r.output == "json" {
		list := make([]link, len(chain.Links))
		for i, l := range chain.Links {
			list[i] = link{eventOf(&l.Message), l.Places}
		}
		code = r.printJSON(list)
	} else {
		r.printChain(chain)
	}
	if chain.Full {
		r.printNote("the chain has more than %d stored events: only the first of them are shown", operate.MaxLinks)
	} else if chain.Cut {
		r.printNote("only the first %d stored events were searched: -limit 0 searches all", r.limit)
	}
	return code
}

// findChain looks for a chain. The tree shows neither payloads nor headers.
func (r *run) findChain(id contract.ID) (*operate.Chain, error) {
	b, err := backendAs[contract.Inspector](r)
	if err != nil {
		return nil, err
	}
	return operate.FindChain(r.ctx, b, id, r.limit, func(m *contract.Message) {
		if r.output == "json" {
			m.Payload = bytes.Clone(m.Payload) // so that the page of the backend can be freed
		} else {
			m.Payload, m.Headers, m.Event = nil, nil, nil
		}
	})
}

// printChain prints the rows of a chain, those of one depth below each other.
func (r *run) printChain(chain *operate.Chain) {
	begin := chain.Links[0].Message.Time()
	for _, row := range chain.Rows() {
		if row.Link == nil {
			note := "handled"
			if row.ID == chain.Correlation {
				note = "the chain's first event, handled"
			}
			fmt.Fprintf(r.out, "(%s: %s)\n", row.ID, note)
			continue
		}
		var places []string
		for _, p := range row.Link.Places {
			text := p.Place
			if p.Organ != "" {
				text += ": " + p.Organ
			}
			places = append(places, text)
		}
		m := &row.Link.Message
		fmt.Fprintf(r.out, "%s%s %s %s +%s (%s)\n", strings.Repeat("  ", row.Depth), operate.OneLine(m.Type.Name), m.ID,
			m.Time().UTC().Format("15:04:05.000"), max(m.Time().Sub(begin), 0).Round(time.Millisecond), operate.OneLine(strings.Join(places, ", ")))
	}
}
