package main

import (
	"context"
	"errors"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// runWorker runs all organs until it is told to stop, or killed.
func runWorker(ctx context.Context, o *role) (err error) {
	b, err := redisstream.Open(o.url, redisstream.WithNamespace(namespace))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	r, err := openRecords(o.records)
	if err != nil {
		return err
	}
	w := newWork(r, o.lease, o.seed)
	s, err := necro.New(&recorder{b, r}, withOrgans(w, &Tally{w}),
		necro.WithLease(o.lease), necro.WithGrace(2*o.lease))
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
