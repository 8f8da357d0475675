package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/necrostack/necrogen/runtime/contract"
)

// deadView is the data of a page of dead letters.
type deadView struct {
	Organs  []contract.OrganHealth // those that have any, without a chosen organ
	Organ   string
	Dead    int // of the organ
	Causes  causes
	Chosen  cause // what the listed letters have in common; zero for all of the organ
	Letters []letterRow
	Read    int    // letters, to find these
	After   string // what the page begins behind
	Next    string // what the next page begins behind; empty when this is the last
}

// IsChosen reports whether the letters of one cause are listed.
func (v deadView) IsChosen() bool { return v.Chosen != cause{} }

// letterRow is a dead letter in a list. After is what its page begins behind: a letter is found by it again.
type letterRow struct {
	contract.DeadLetter
	After string
}

func (c *console) deadPage(ctx context.Context, q url.Values) (any, error) {
	v := deadView{Organ: q.Get("organ"), After: q.Get("after"), Chosen: causeFrom(q)}
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
	after, err := parseCursor(v.After)
	if err != nil {
		return nil, err
	}
	if v.Dead == 0 {
		return v, nil
	}
	if v.Causes, err = c.readCauses(ctx, v.Organ, v.Dead); err != nil {
		return nil, err
	}
	list, err := c.chooseLetters(ctx, v.Organ, v.Chosen, after, min(v.Dead, mostGrouped))
	if err != nil {
		return nil, err
	}
	v.Letters, v.Read = list.Rows, list.Read
	if list.More && list.Read < v.Dead {
		v.Next = textOfID(list.Last)
	}
	return v, nil
}

// walkLetters calls visit with the dead letters of an organ, oldest first and a page at a time, until visit returns false or an error,
// or most letters were read. visit may redrive or discard the letters of its page.
func walkLetters(ctx context.Context, b contract.Admin, organ string, after contract.ID, most int,
	visit func(page []contract.DeadLetter, after contract.ID) (more bool, err error)) error {
	for most > 0 {
		page, err := b.DeadLetters(ctx, organ, after, min(most, pageSize))
		if err != nil || len(page) == 0 {
			return err
		}
		if more, err := visit(page, after); err != nil || !more {
			return err
		}
		most, after = most-len(page), page[len(page)-1].ID
	}
	return nil
}

// chosenLetters is a part of the dead letters of an organ.
type chosenLetters struct {
	Rows []letterRow
	Read int
	Last contract.ID // of the letters that were read
	More bool        // letters may follow
}

// chooseLetters returns letters of a cause, behind one of the organ's. It reads until a page is full, and most letters.
func (c *console) chooseLetters(ctx context.Context, organ string, chosen cause, after contract.ID, most int) (chosenLetters, error) {
	b, err := as[contract.Admin](c, "dead letters")
	if err != nil {
		return chosenLetters{}, err
	}
	return ask(ctx, c.answers, fmt.Sprintf("letters %s %d %q %q", after, most, organ, chosen), fresh, func(ctx context.Context) (list chosenLetters, err error) {
		err = walkLetters(ctx, b, organ, after, most, func(page []contract.DeadLetter, after contract.ID) (more bool, err error) {
			for i := range page {
				list.Read, list.Last = list.Read+1, page[i].ID
				if chosen.matchesLetter(&page[i]) {
					list.Rows = append(list.Rows, letterRow{page[i], textOfID(after)})
				}
				if len(list.Rows) == pageSize {
					list.More = true
					return false, nil
				}
			}
			return true, nil
		})
		list.More = list.More || list.Read == most
		return list, err
	})
}

// parseCursor reads the id that a page begins behind; an empty text is the start.
func parseCursor(text string) (contract.ID, error) {
	if text == "" {
		return contract.ID{}, nil
	}
	return parseID(text)
}

// textOfID returns an id as addresses have it: empty for none.
func textOfID(id contract.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
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
	after, err := parseCursor(q.Get("after"))
	if err != nil {
		return nil, err
	}
	list, err := c.lettersBehind(ctx, q.Get("organ"), after)
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
