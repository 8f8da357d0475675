package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/necrostack/necrogen/examples/fulfilment/shop"
	necro "github.com/necrostack/necrogen/runtime"
)

// maxBody bounds what a client may send, in bytes.
const maxBody = 64 << 10

// takeOrder publishes the order of a request, after the delay that the request asks for. It answers 202 when the order is stored.
func (s *server) takeOrder(w http.ResponseWriter, r *http.Request) {
	order := new(shop.OrderPlaced)
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(order); err != nil {
		http.Error(w, "read the order: "+err.Error(), http.StatusBadRequest)
		return
	}
	var options []necro.PublishOption
	if text := r.URL.Query().Get("in"); text != "" {
		delay, err := time.ParseDuration(text)
		if err != nil {
			http.Error(w, "read when the order is meant for: "+err.Error(), http.StatusBadRequest)
			return
		}
		options = append(options, necro.WithDelay(delay))
	}
	err := s.spine.Publish(r.Context(), order, options...)
	invalid, isInvalid := errors.AsType[*necro.ValidationError](err)
	switch {
	case isInvalid:
		http.Error(w, invalid.Error(), http.StatusUnprocessableEntity)
	case err != nil: // its text may tell of the backend, and customers need not know that
		http.Error(w, "the order may not be stored: send it again later", http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

// count tells what has become of the orders, read from outside of the saga, and whether money and stock add up. Orders that are under
// way may not, for a moment.
func (s *server) count(w http.ResponseWriter, r *http.Request) {
	c, err := shop.CountOrders(r.Context(), s.spine, s.bank.Bank, stock)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	c.Print(w)
	fmt.Fprintf(w, "%d under way, %d things do not add up\n", len(c.Open), len(c.Contradictory))
}

// placeOrders is the customers, who place so many orders in a second until ctx is done.
func (s *server) placeOrders(ctx context.Context, perSecond int) {
	if perSecond == 0 {
		return
	}
	ticks := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			number := int(now.UnixMilli() % 1_000_000_000) // another one in each process
			if err := s.spine.Publish(ctx, shop.OrderNumber(number)); err != nil && ctx.Err() == nil {
				slog.Warn("an order was not placed", "err", err)
			}
		}
	}
}
