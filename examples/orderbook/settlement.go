package main

import (
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
)

// ErrRefused is a clearing house's final no: no retry mends it.
var ErrRefused = errors.New("the clearing house refused the trade")

// ClearingHouse takes trades over. A call may take effect although its answer was lost: a
// trade that comes again under the same key is to be taken over once.
type ClearingHouse interface {
	Clear(ctx context.Context, key necro.ID, t *Trade) error
}

// Settlement hands trades to the clearing house, which is slow and sometimes fails. A failed call is tried
// again; when nothing works any more the breaker gives the house a second of rest; a trade that it refuses, or
// that fails six times, becomes a dead letter.
//
//necro:organ settlement retry=6 backoff=10ms..1s timeout=250ms concurrency=8 breaker=20/1s
type Settlement struct {
	House ClearingHouse
}

// Settle settles a trade. The delivery id is the same for every attempt, so it is the key.
//
//necro:handle
func (s *Settlement) Settle(ctx context.Context, t *TradeExecuted) (*TradeSettled, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return nil, errNoMeta
	}
	err := s.House.Clear(ctx, meta.DeliveryID, &t.Trade)
	switch {
	case errors.Is(err, ErrRefused):
		return nil, necro.Permanent(err)
	case err != nil:
		return nil, err
	}
	return &TradeSettled{t.Trade}, nil
}
