package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// mostRows bounds the rows of a chain on a page.
const mostRows = 500

// deepestRow is how far rows are indented.
const deepestRow = 12

// chainView is the data of the page of a chain.
type chainView struct {
	ID, Correlation contract.ID
	Rows            []operate.ChainRow // at most mostRows
	Events          int                // of the chain that are stored
	Cut             bool               // there may be more
	Begin           int64              // when the first of them was published, in nanoseconds since 1970
}

var errNoChain = errors.New("no event of this chain is among those that were read: all were handled, or the id is another one's")

func (c *console) chainPage(ctx context.Context, q url.Values) (any, error) {
	id, err := parseID(q.Get("id"))
	if err != nil {
		return nil, err
	}
	b, err := as[contract.Inspector](c, "stored events")
	if err != nil {
		return nil, err
	}
	chain, err := ask(ctx, c.searches, "chain "+id.String(), stable, func(ctx context.Context) (*operate.Chain, error) {
		return operate.FindChain(ctx, b, id, mostRead, func(m *contract.Message) { m.Payload, m.Headers, m.Event = nil, nil, nil })
	})
	if err != nil {
		return nil, err
	}
	if len(chain.Links) == 0 {
		return nil, fmt.Errorf("chain %s: %w", id, errNoChain)
	}
	v := chainView{ID: id, Correlation: chain.Correlation, Rows: chain.Rows(), Events: len(chain.Links), Cut: chain.Cut || chain.Full, Begin: chain.Links[0].Message.Nanos}
	v.Rows = v.Rows[:min(len(v.Rows), mostRows)]
	return v, nil
}
