package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var spineLaneTests = []test{
	{"LanesKeepTheOrderOverProcesses", lanesKeepTheOrderOverProcesses},
	{"LanesMoveStateOverProcesses", lanesMoveState},
	{"LaneOfAnUnknownVersionMoves", laneOfAnUnknownVersion},
}

// lanesPolicy is that of an organ with four lanes.
func (e *env) lanesPolicy() contract.Policy {
	policy := e.policy()
	policy.Order, policy.Lanes, policy.Concurrency = contract.OrderKey, 4, 2
	return policy
}

// sendKeyed publishes events with the numbers from 1 on for some keys, and returns them as a diary has them.
func (e *env) sendKeyed(s *necro.Spine, keys, each int) (want map[string]string) {
	e.Helper()
	want = map[string]string{}
	for n := range int64(each) {
		for k := range keys {
			key := fmt.Sprint("key ", k)
			e.send(s, &eventA{N: n + 1, Key: key})
			want[key] += fmt.Sprint(n+1, " ")
		}
	}
	return want
}

// lanesKeepTheOrderOverProcesses: three processes share the keys, attempts fail, one process stops and comes again. The attempts
// of a key are in the order of its events.
func lanesKeepTheOrderOverProcesses(e *env) {
	const keys, each = 20, 6
	b := e.keepingLanes()
	var started journal[string] // "key number" of each attempt, of all processes
	var failed sync.Map
	var counts [3]journal[int64]
	spines := make([]*necro.Spine, len(counts))
	for i := range spines {
		spines[i] = e.spine(e.attachProcess(b), organs(newOrgan("laned", e.lanesPolicy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
			id := fmt.Sprint(ev.Key, " ", ev.N)
			started.add(id)
			counts[i].add(ev.N)
			if _, again := failed.LoadOrStore(id, true); !again && ev.N%3 == 0 {
				return errors.New("not now")
			}
			return idle(ctx, e.h.Unit/10)
		}))))
	}
	runs := []*process{e.run(spines[0]), e.run(spines[1]), e.run(spines[2])}
	e.until("all run", func() bool { return e.health(b, "laned").Consumers == len(spines) })
	e.wait(e.h.Unit)
	e.sendKeyed(spines[0], keys, each)
	e.until("some are handled", func() bool { return started.len() >= keys*each/4 })
	runs[1].stop()
	runs[1] = e.run(spines[1])
	e.until("all are settled", func() bool { return stored(e.health(b, "laned")) == 0 })
	for _, p := range runs {
		p.stop()
	}
	for k := range keys {
		var got, want []string
		for _, id := range started.all() {
			if len(got) == 0 || got[len(got)-1] != id { // a retry follows its attempt
				if key := fmt.Sprint("key ", k, " "); len(id) > len(key) && id[:len(key)] == key {
					got = append(got, id)
				}
			}
		}
		for n := range each {
			want = append(want, fmt.Sprint("key ", k, " ", n+1))
		}
		if !slices.Equal(got, want) {
			e.Errorf("attempts: %v, want %v", got, want)
		}
	}
	for i := range counts {
		if e.h.Virtual && counts[i].len() == 0 {
			e.Errorf("process %d of %d had nothing to do", i, len(counts))
		}
	}
}

// lanesMoveState: three processes share the keys of an organ with state while one of them dies at work. Each record has every
// event of its key once, and in order.
func lanesMoveState(e *env) {
	const keys, each = 6, 10
	b := e.stateful()
	if !keepsLanes(b) {
		e.Skip("the backend keeps no lanes")
	}
	var got, handled journal[int64]
	open := func(over contract.Backend) *necro.Spine {
		return e.spine(over, organs(keeper(e.lanesPolicy(), func(ctx context.Context, ev *eventA) error {
			handled.add(ev.N)
			return idle(ctx, e.h.Unit/10)
		}), newOrgan("out", e.policy(), sink[kindB](&got))), necro.WithLease(e.lease()), necro.WithGrace(e.units(2)))
	}
	mortal := NewFaulty(e.attachProcess(b), Plan{})
	dying := open(mortal)
	e.bindOrgans(dying)
	want := e.sendKeyed(dying, keys, each)
	p, others := e.run(dying), []*process{e.run(open(e.attachProcess(b))), e.run(open(e.attachProcess(b)))}
	e.until("some are handled", func() bool { return handled.len() >= keys*each/4 })
	mortal.Kill()
	p.cancel()
	p.wait()
	e.until("all are settled", func() bool { return stored(e.health(b, "keeper"))+stored(e.health(b, "out")) == 0 })
	for _, p := range others {
		p.stop()
	}
	reader := open(b)
	for key, numbers := range want {
		e.hasDiary(reader, key, numbers)
	}
}

// laneOfAnUnknownVersion: one process knows the newest version of an event and the other one does not. What the old one is
// given goes to the new one at once, and not when the delay of a decline is over.
func laneOfAnUnknownVersion(e *env) {
	const keys = 12
	b := e.keepingLanes()
	var old, grown journal[int64]
	before := e.spine(e.attachProcess(b), organs(newOrgan("laned", e.lanesPolicy(), sink[kindOld](&old))))
	after := e.spine(e.attachProcess(b), organs(newOrgan("laned", e.lanesPolicy(), sink[kindNew](&grown))))
	p, q := e.run(before), e.run(after)
	e.until("both run", func() bool { return e.health(b, "laned").Consumers == 2 })
	for n := range int64(keys) {
		e.send(after, &eventNew{N: n, Key: fmt.Sprint("key ", n)})
	}
	ctx, cancel := e.during(e.units(20))
	defer cancel()
	for grown.len() < keys && (ctx.Err() == nil || !e.h.Virtual) {
		e.wait(e.h.Unit / 4)
	}
	same(e, "handled by the new one", grown.len(), keys)
	same(e, "handled by the old one", old.len(), 0)
	p.stop()
	q.stop()
}
