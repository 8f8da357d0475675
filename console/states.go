package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/necrostack/necrogen/runtime/contract"
)

// statesView is the data of the page of the states of an organ.
type statesView struct {
	Organ, After string
	statesPage
}

// statesPage is a page of records. Next is where the next one begins; empty for none.
type statesPage struct {
	Records []contract.KeyedState
	Next    string
}

func (c *console) statesPage(ctx context.Context, q url.Values) (any, error) {
	v := statesView{Organ: q.Get("organ"), After: q.Get("after")}
	if _, err := c.findOrgan(ctx, v.Organ); err != nil {
		return nil, err
	}
	b, err := as[contract.StatefulBackend](c, "states")
	if err != nil {
		return nil, err
	}
	v.statesPage, err = ask(ctx, c.answers, fmt.Sprintf("states %q %q", v.After, v.Organ), fresh, func(ctx context.Context) (p statesPage, err error) {
		p.Records, p.Next, err = b.RangeStates(ctx, v.Organ, v.After, pageSize)
		return p, err
	})
	return v, err
}

// stateView is the data of the page of a state.
type stateView struct {
	Organ, Key string
	contract.StateRecord
	Text string // the value as JSON
}

var errNoState = errors.New("the organ has no state for this key: its last event ended it, or its time is over")

func (c *console) statePage(ctx context.Context, q url.Values) (any, error) {
	v := stateView{Organ: q.Get("organ"), Key: q.Get("key")}
	b, err := as[contract.StatefulBackend](c, "states")
	if err != nil {
		return nil, err
	}
	records, err := ask(ctx, c.answers, fmt.Sprintf("state %q %q", v.Key, v.Organ), fresh, func(ctx context.Context) ([]contract.StateRecord, error) {
		return b.LoadStates(ctx, v.Organ, []string{v.Key})
	})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || records[0].Mark == 0 {
		return nil, fmt.Errorf("key %q of %s: %w", lineOf(v.Key), lineOf(v.Organ), errNoState)
	}
	v.StateRecord, v.Text = records[0], valueText(records[0].Value)
	return v, nil
}
