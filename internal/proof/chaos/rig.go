package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// The size of a rig. Two cores are to suffice.
const (
	workers    = 3
	publishers = 2
)

// rig is a server and the processes that use it, each through a network of its own.
type rig struct {
	dir     string // of all files
	program string // what workers and publishers run
	lease   time.Duration
	pace    time.Duration

	server     *redistest.Server
	serving    sync.Mutex // held by what takes the server away, or asks it for something
	store      *store
	slots      []*slot
	publishers []*slot
	flushed    time.Time // when the last flush was over

	mu      sync.Mutex
	crashed evidence // processes that failed, or ended without being told
}

// slot is the place of a process, where another is put when it was killed.
type slot struct {
	rig   *rig
	kind  string
	name  string
	proxy *redistest.Proxy
	seeds *rand.Rand

	mu      sync.Mutex // held by what changes the process
	process *process
	count   int // of processes that were put here
}

// newRig starts everything. The caller closes the rig, also after an error.
func newRig(dir, program string, o *options) (*rig, error) {
	r := &rig{dir: dir, program: program, lease: o.lease, pace: o.pace}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return r, err
	}
	var err error
	// Acknowledged writes are on disk, so that a kill -9 loses none of them.
	r.server, err = redistest.Launch(dir, "--appendonly", "yes", "--appendfsync", "always")
	if err != nil {
		return r, err
	}
	r.store = newStore(r.server.Addr())
	for i := range workers {
		s, err := r.newSlot("worker", i, o.seed)
		r.slots = append(r.slots, s)
		if err != nil {
			return r, err
		}
	}
	for i := range publishers {
		s, err := r.newSlot("publisher", i, o.seed)
		r.publishers = append(r.publishers, s)
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// newSlot returns a slot whose first process runs.
func (r *rig) newSlot(kind string, i int, seed uint64) (s *slot, err error) {
	s = &slot{rig: r, kind: kind, name: fmt.Sprintf("%s%d", kind, i)}
	s.seeds = rand.New(rand.NewPCG(seed, uint64(len(kind)*100+i)))
	if s.proxy, err = redistest.NewProxy(r.server.Addr()); err != nil {
		return s, err
	}
	return s, s.fillSlot()
}

// fillSlot puts a process into the slot.
func (s *slot) fillSlot() (err error) {
	s.count++
	s.process, err = startChild(s.rig.program, s.rig.dir, &role{
		kind: s.kind, name: fmt.Sprintf("%s.%d", s.name, s.count), url: s.proxy.URL(),
		lease: s.rig.lease, pace: s.rig.pace, seed: s.seeds.Uint64(),
	})
	return err
}

// healAll ends all that was done to the processes and the network.
func (r *rig) healAll(ctx context.Context) error {
	for _, s := range append(r.slots, r.publishers...) {
		s.proxy.Delay(0)
		s.proxy.Refuse(false)
		s.proxy.DropReplies(0)
	}
	return r.store.client.ConfigSet(ctx, "maxmemory", "0").Err()
}

// endProcesses lets processes stop by themselves: a publisher finishes the chain it has begun, a worker stops as in a
// rollout.
func (r *rig) endProcesses(slots []*slot) {
	for _, s := range slots {
		r.noteFailure(s.process.finishSelf(time.Minute))
	}
}

// noteFailure takes down that a process failed.
func (r *rig) noteFailure(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.crashed.addEvidence("%v", err)
	}
}

// recordFiles returns the record files of the processes of a kind.
func (r *rig) recordFiles(kind string) ([]string, error) {
	return filepath.Glob(filepath.Join(r.dir, kind+"*.records"))
}

// closeAll ends everything at once.
func (r *rig) closeAll() {
	for _, s := range append(r.slots, r.publishers...) {
		if s.process != nil {
			s.process.kill()
		}
		if s.proxy != nil {
			s.proxy.Close()
		}
	}
	if r.store != nil {
		r.store.client.Close()
	}
	if r.server != nil {
		r.server.Close()
	}
}
