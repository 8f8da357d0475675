package postgres

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// parts are the places and tokens of deliveries.
type parts struct {
	seqs, tokens []int64
	gives        []bool // which of them are given up
}

// parted is one of them.
type parted struct{ seq, token int64 }

// partsOf returns those of the deliveries that this consumer has fetched.
func (c *consumer) partsOf(ds []*contract.Delivery) (p parts) {
	p = parts{[]int64{}, []int64{}, []bool{}}
	for _, d := range ds {
		if g, ok := d.Ref.(*grant); ok && g.consumer == c {
			p.seqs, p.tokens = append(p.seqs, int64(d.Tag)), append(p.tokens, g.token)
			p.gives = append(p.gives, d.GivingUp)
		}
	}
	return p
}

// Extend renews the leases, marks suspects as started and given-up deliveries as such, and returns the deliveries that are
// not leased to this consumer any more.
func (c *consumer) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if err := c.checkOpen(); err != nil {
		return nil, err
	}
	p := c.partsOf(ds)
	ours := map[parted]bool{}
	err = c.b.transactSteps(ctx, true, append(c.keepSteps(), step{
		text: `UPDATE {lease} l SET since = (SELECT {nanos}()), until = (SELECT {nanos}()) + $5, started = started OR suspect, giving = giving OR p.gives
			FROM unnest($3::bigint[], $4::bigint[], $6::bool[]) AS p (seq, token, gives) WHERE l.organ = $1 AND l.seq = ANY ($3) AND l.seq = p.seq AND l.token = p.token AND l.consumer = $2 RETURNING l.seq, l.token`,
		values: []any{c.organ.number, c.number, p.seqs, p.tokens, int64(c.lease), p.gives},
		each:   func(r *row) { ours[parted{r.integer(), r.integer()}] = true },
	})...)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		if g, ok := d.Ref.(*grant); !ok || g.consumer != c || !ours[parted{int64(d.Tag), g.token}] {
			lost = append(lost, d)
		}
	}
	return lost, nil
}

// Release hands deliveries back to their places in stored order. No attempt is spent.
func (c *consumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	if err := c.checkOpen(); err != nil {
		return err
	}
	return c.releaseDeliveries(ctx, ds)
}

func (c *consumer) releaseDeliveries(ctx context.Context, ds []*contract.Delivery) error {
	if len(ds) == 0 {
		return nil
	}
	p := c.partsOf(ds)
	err := c.b.transactSteps(ctx, true, append(c.renewLaneSteps(), step{
		text: `UPDATE {lease} l SET consumer = 0, token = 0, until = 0, started = false, giving = false
			FROM unnest($3::bigint[], $4::bigint[]) AS p (seq, token) WHERE l.organ = $1 AND l.seq = ANY ($3) AND l.seq = p.seq AND l.token = p.token AND l.consumer = $2`,
		values: []any{c.organ.number, c.number, p.seqs, p.tokens},
	})...)
	if err != nil {
		return err
	}
	c.b.wakeOrgans([]int32{c.organ.number})
	c.b.waker.addNews([]int32{c.organ.number})
	return nil
}
