package main

import (
	"context"
	"time"
)

// flushes are the one fault of the second run.
var flushes = []fault{{"FLUSHALL", 1, flushAll}}

// flushAll takes everything away. It bit when something was in flight.
func flushAll(ctx context.Context, r *rig, _ choice) (bit bool, err error) {
	held, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	err = r.store.client.FlushAll(ctx).Err()
	r.flushed = time.Now()
	return held > 0, err
}
