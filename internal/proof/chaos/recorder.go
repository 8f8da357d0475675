package main

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// recorder is the backend as a worker has it. It writes down the fetched deliveries, and how each of them ended;
// it changes nothing.
type recorder struct {
	workerBackend
	records *records
}

// workerBackend is what the organs need of a backend.
type workerBackend interface {
	contract.StatefulBackend
	contract.LaneBackend
}

func (r *recorder) NeedsPayload() bool {
	b, ok := r.workerBackend.(contract.PayloadBackend)
	return ok && b.NeedsPayload()
}

func (r *recorder) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	cs, err := r.workerBackend.Subscribe(ctx, subs)
	out := make([]contract.Consumer, len(cs))
	for i := range cs {
		out[i] = &recordedConsumer{cs[i], r.records, subs[i].Organ}
	}
	return out, err
}

type recordedConsumer struct {
	contract.Consumer
	records *records
	organ   string
}

func (c *recordedConsumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	ds, err := c.Consumer.Fetch(ctx, limit)
	lines := make([]line, len(ds))
	for i := range ds {
		lines[i] = c.lineOf(fetched, &ds[i])
	}
	c.records.writeLines(lines...)
	return ds, err
}

// Settle reads the deliveries first, because the memory of settled ones may be used again by another Fetch.
func (c *recordedConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	lines := make([]line, len(outcomes))
	for i, o := range outcomes {
		lines[i] = c.lineOf(settled, o.Delivery)
		lines[i].Outcome, lines[i].Emits = o.Kind, len(o.Emit)
	}
	results, err := c.Consumer.Settle(ctx, outcomes)
	if err != nil {
		return results, err // any of them may have counted, and is still held
	}
	for i := range lines {
		lines[i].Applied = results.IsApplied(i)
	}
	c.records.writeLines(lines...)
	return results, nil
}

func (c *recordedConsumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	lines := make([]line, len(ds))
	for i := range ds {
		lines[i] = c.lineOf(released, ds[i])
	}
	err := c.Consumer.Release(ctx, ds)
	if err == nil {
		c.records.writeLines(lines...)
	}
	return err
}

func (c *recordedConsumer) lineOf(did deed, d *contract.Delivery) line {
	s, err := stepOf(&d.Message)
	if err != nil {
		return line{Did: did, Organ: c.organ, ID: d.ID, Cause: d.Causation, Error: err.Error()}
	}
	return line{Did: did, Organ: c.organ, Path: s.Path, ID: d.ID, Cause: d.Causation, By: s.By}
}

// stepOf returns what all events hold, of one that is typed or encoded.
func stepOf(m *necro.Message) (*Step, error) {
	if e, ok := m.Event.(interface{ step() *Step }); ok {
		return e.step(), nil
	}
	var e Leaf // whatever else an event has is skipped
	_, err := e.ReadMsgpack(m.Payload)
	return e.step(), err
}
