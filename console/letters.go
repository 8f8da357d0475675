package console

import (
	"context"
	"errors"
	"net/url"

	"github.com/necrostack/necrogen/runtime/contract"
)

// deadView is the data of a page of dead letters.
type deadView struct {
	Organs  []contract.OrganHealth // those that have any, without a chosen organ
	Organ   string
	Dead    int // of the organ
	Letters []letterRow
	After   string // what the page begins behind
	Next    string // what the next page begins behind; empty when this is the last
}

// letterRow is a dead letter in a list. After is what its page begins behind: a letter is found by it again.
type letterRow struct {
	contract.DeadLetter
	After string
}

func (c *console) deadPage(ctx context.Context, q url.Values) (any, error) {
	v := deadView{Organ: q.Get("organ"), After: q.Get("after")}
	if v.Organ == "" {
		h, err := c.readHealth(ctx)
		for _, o := range h.Organs {
			if o.Dead > 0 {
				v.Organs = append(v.Organs, o)
			}
		}
		return v, err
	}
	h, err := c.findOrgan(ctx, v.Organ)
	if err != nil {
		return nil, err
	}
	v.Dead = h.Dead
	list, err := c.readLetters(ctx, v.Organ, v.After)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		v.Letters = append(v.Letters, letterRow{l, v.After})
	}
	if n := len(list); n > 0 && n < h.Dead {
		v.Next = list[n-1].ID.String()
	}
	return v, nil
}

// readLetters reads a page of dead letters behind the one whose id is given as text; empty is from the start.
func (c *console) readLetters(ctx context.Context, organ, after string) (list []contract.DeadLetter, err error) {
	var id contract.ID
	if after != "" {
		if id, err = parseID(after); err != nil {
			return nil, err
		}
	}
	return c.lettersBehind(ctx, organ, id)
}

// letterView is the data of the page of a dead letter.
type letterView struct {
	contract.DeadLetter
	Attempts int // the last one included
	Headers  []header
	Payload  string
}

var errNoLetter = errors.New("this dead letter is not here any more: it was redriven or discarded, or has moved in the list of its organ: open the list of its organ again")

func (c *console) letterPage(ctx context.Context, q url.Values) (any, error) {
	id, err := parseID(q.Get("id"))
	if err != nil {
		return nil, err
	}
	list, err := c.readLetters(ctx, q.Get("organ"), q.Get("after"))
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.ID != id {
			continue
		}
		v := &letterView{l, l.Attempts, headersOf(&l.Message), payloadOf(&l.Message)}
		if l.Reason == contract.ReasonExhausted || l.Reason == contract.ReasonPermanent {
			v.Attempts++
		}
		return v, nil
	}
	return nil, errNoLetter
}
