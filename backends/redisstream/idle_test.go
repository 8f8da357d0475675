package redisstream_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// sent counts the commands that clients have sent, without those inside of scripts.
type sent struct{ scripts, reads, others int }

func (s sent) total() int { return s.scripts + s.reads + s.others }

func (r *rig) sent() (s sent) {
	r.Helper()
	for line := range strings.Lines(r.redis.Info(r.ctx, "commandstats").Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
		n, _ := strconv.Atoi(calls)
		switch name {
		case "cmdstat_evalsha":
			s.scripts = n
		case "cmdstat_xreadgroup":
			s.reads = n
		case "cmdstat_client|unblock":
			s.others = n
		}
	}
	return s
}

func (r *rig) sentDuring(call func()) sent {
	r.Helper()
	before := r.sent()
	call()
	after := r.sent()
	return sent{after.scripts - before.scripts, after.reads - before.reads, after.others - before.others}
}

// idlers returns organs that have nothing to do, some of each kind.
func idlers(n int) (organs []contract.Organ) {
	policies := []contract.Policy{{}, {Exclusive: true}, {Order: contract.OrderKey}, {Order: contract.OrderStrict, Exclusive: true}}
	for i := range n {
		route := on(func(context.Context, *Next, func(contract.Event)) error { return nil })
		organs = append(organs, newOrgan(fmt.Sprint("idle", i), policies[i%len(policies)], route))
	}
	return organs
}

// serve runs organs, and returns when they wait.
func (r *rig) serve(b *redisstream.Backend, organs []contract.Organ) {
	r.Helper()
	r.run(r.spine(b, necro.WithOrgans(organs...)))
	r.until("all organs are served", func() bool {
		h := b.Health(r.ctx)
		for _, o := range h.Organs {
			if o.Consumers == 0 {
				return false
			}
		}
		return len(h.Organs) == len(organs)
	})
	// A process begins with a look at each organ by itself: that is over when little is sent, and one read waits for
	// all of them.
	r.until("little is sent", func() bool {
		during := r.sentDuring(func() { time.Sleep(300 * time.Millisecond) })
		waiting := strings.Contains(r.redis.Info(r.ctx, "clients").Val(), "\nblocked_clients:1\r")
		return waiting && during.total() <= 5
	})
}

// TestIdleOrgansCostNoCalls lets a process have ten and two hundred organs that wait: it sends as many
// commands for them.
func TestIdleOrgansCostNoCalls(t *testing.T) {
	t.Parallel()
	idle := func(n, most int) sent {
		r := alone(t)
		r.serve(r.open(), idlers(n))
		return leastSent(most, func() sent { return r.sentDuring(func() { time.Sleep(2 * time.Second) }) })
	}
	few := idle(10, 8)
	most := 2*few.total() + 5
	if many := idle(200, most); many.total() > most {
		t.Errorf("10 organs: %+v, 200: %+v", few, many)
	}
}

// leastSent measures up to ten times, until no more than most is sent, and returns the least. On a loaded machine a slow start
// goes on for a while, and a read that comes too late has all organs look by themselves.
func leastSent(most int, measure func() sent) sent {
	least := measure()
	for i := 1; i < 10 && least.total() > most; i++ {
		if again := measure(); again.total() < least.total() {
			least = again
		}
	}
	return least
}

// TestABusyOrganAmongIdleOnes publishes events one by one for an organ that is alone in its process,
// and for one among two hundred idle ones.
func TestABusyOrganAmongIdleOnes(t *testing.T) {
	t.Parallel()
	const n = 100
	busy := func(idle, most int) sent {
		r := alone(t)
		handled := make(chan struct{}, 1)
		organs := append(idlers(idle), newOrgan("busy", contract.Policy{}, on(func(context.Context, *Step, func(contract.Event)) error {
			handled <- struct{}{}
			return nil
		})))
		b := r.open()
		r.serve(b, organs)
		publisher := r.spine(b)
		return leastSent(most, func() sent {
			during := r.sentDuring(func() {
				for range n {
					r.ok(publisher.Publish(r.ctx, &Step{}), "publish")
					<-handled
					r.until("it is settled", func() bool { return r.len("q:busy") == 0 })
				}
			})
			during.scripts = max(0, during.scripts-5*n) // two for each event, and looks, of which a slow machine has more
			return during
		})
	}
	alone := busy(0, 2*n)
	most := alone.total() + n/12 // where events end the read of the idle ones, that takes a quarter of a call for each and more
	if among := busy(200, most); among.total() > most {
		t.Errorf("alone: %+v, among idle ones: %+v", alone, among)
	}
}
