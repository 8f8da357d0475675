package main

import (
	"context"
	"time"
)

// Where a command of ours finds no server, or no such key, the fault did not bite.

// takeServer takes the server, unless another fault has it. held is how many stream entries are in flight.
func (r *rig) takeServer(ctx context.Context) (held int64, release func(), ok bool) {
	if !r.serving.TryLock() {
		return 0, nil, false
	}
	return r.store.inFlight(ctx, organNames...), r.serving.Unlock, true
}

// killServer kills the server, which comes back with all that it has acknowledged.
func killServer(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	held, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	r.server.Kill()
	pauseFor(ctx, c.durationBetween(0, 500*time.Millisecond))
	return held > 0, r.server.Restart()
}

// freezeServer lets the server fall silent until all leases have run out.
func freezeServer(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	held, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	if err := r.server.Stop(); err != nil {
		return false, err
	}
	pauseFor(ctx, c.durationBetween(r.lease*5/4, r.lease*2))
	return held > 0, r.server.Continue()
}

// flushScripts lets the server forget the scripts that clients call by their hash.
func flushScripts(ctx context.Context, r *rig, _ choice) (bit bool, err error) {
	held, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	return held > 0 && r.store.client.ScriptFlush(ctx).Err() == nil, nil
}

// killClients lets the server close all connections.
func killClients(ctx context.Context, r *rig, _ choice) (bit bool, err error) {
	held, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	killed, err := r.store.client.ClientKillByFilter(ctx, "TYPE", "normal").Result()
	return held > 0 && killed > 0 && err == nil, nil
}

// exhaustMemory lets the server have less memory than it uses, for a while. It bit when a
// publisher was refused for that.
func exhaustMemory(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	_, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	tails, err := r.publisherTails()
	if err != nil {
		return false, err
	}
	limitErr := r.store.client.ConfigSet(ctx, "maxmemory", "1").Err()
	pauseFor(ctx, c.durationBetween(300*time.Millisecond, time.Second))
	if err := r.store.client.ConfigSet(ctx, "maxmemory", "0").Err(); err != nil {
		return false, err
	}
	if limitErr != nil {
		return false, nil
	}
	return wereFull(tails)
}

// publisherTails read what publishers record from now on.
func (r *rig) publisherTails() (list []*tail, err error) {
	for _, s := range r.publishers {
		t, err := fromNow(s.process.role.records)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func wereFull(tails []*tail) (bool, error) {
	for _, t := range tails {
		lines, err := t.newLines()
		if err != nil {
			return false, err
		}
		for i := range lines {
			if lines[i].Full {
				return true, nil
			}
		}
	}
	return false, nil
}

// destroyGroup takes away a consumer group with its whole pending list.
func destroyGroup(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	_, release, ok := r.takeServer(ctx)
	if !ok {
		return false, nil
	}
	defer release()
	organ := organNames[c.who%len(organNames)]
	held := r.store.inFlight(ctx, organ)
	return held > 0 && r.store.client.XGroupDestroy(ctx, prefix+"q:"+organ, "necro").Err() == nil, nil
}
