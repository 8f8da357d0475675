package main

import (
	"runtime"
	"time"
)

// contest is one piece of work that ours and others do.
type contest struct {
	name  string // for -only and for go test -bench
	title string
	ours  contestant
	peers []peer
	// stretch makes rounds so many times longer and so many times fewer, where much happens
	// once a round. 0 is 1.
	stretch int
	redis   bool // needs a redis-server
}

// contestant is one way to do the work.
type contestant struct {
	name string
	open func() work // makes it ready
}

// work is a contestant that is ready.
type work struct {
	// prepare makes what a run of n needs, clear takes it away. Neither is timed; a nil
	// prepare is nothing to do.
	prepare func(n int) (clear func())
	// run does the work n times and returns when all of it is done.
	run func(n int)
	// leave ends what open began.
	leave func()
}

// peer is whom ours is compared with.
type peer struct {
	contestant
	goal goal
}

// settings say how long a contest takes.
type settings struct {
	rounds int
	round  time.Duration // of one contestant in one round
	heap   int           // MiB that are alive all the time
}

// sample is what one contestant did in one round.
type sample struct {
	nanos, allocs, bytes float64 // for each event
}

// runContest holds a contest: the samples of every contestant, ours first, round by round. All
// contestants stay open until the end, so that all work with the same heap.
func (s settings) runContest(c contest) [][]sample {
	s.round *= time.Duration(max(1, c.stretch))
	s.rounds = max(1, s.rounds/max(1, c.stretch))
	contestants := c.allContestants()
	works := make([]work, len(contestants))
	counts := make([]int, len(contestants))
	for i, who := range contestants {
		works[i] = who.open()
		defer works[i].leave()
		counts[i] = s.countRuns(works[i])
	}
	samples := make([][]sample, len(contestants))
	for range s.rounds {
		for i, w := range works {
			samples[i] = append(samples[i], measureWork(w, counts[i]))
		}
	}
	return samples
}

func (c contest) allContestants() []contestant {
	all := []contestant{c.ours}
	for _, p := range c.peers {
		all = append(all, p.contestant)
	}
	return all
}

// countRuns returns how often the work is done in one round. It warms the contestant up.
func (s settings) countRuns(w work) int {
	n := 1
	for {
		took := max(time.Duration(measureWork(w, n).nanos*float64(n)), 1)
		if took >= s.round/2 {
			return max(1, int(float64(n)*float64(s.round)/float64(took)))
		}
		n *= min(10, 1+int(s.round/took))
	}
}

// measureWork does the work n times, on a heap that was just collected.
func measureWork(w work, n int) sample {
	if w.prepare != nil {
		clear := w.prepare(n)
		defer clear()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	w.run(n)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	each := func(total uint64) float64 { return float64(total) / float64(n) }
	return sample{
		nanos:  each(uint64(took)),
		allocs: each(after.Mallocs - before.Mallocs),
		bytes:  each(after.TotalAlloc - before.TotalAlloc),
	}
}
