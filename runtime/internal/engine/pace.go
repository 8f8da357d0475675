package engine

import (
	"sync/atomic"
	"time"
)

// pace is what the handlers of an organ take on average, as far back as their last few calls. It
// sizes what several workers fetch together. Each new duration counts for a quarter, so that the average follows a
// change within some ten calls, and one slow call does not stop fetching ahead.
//
// All workers write to it, and the one that fetches for all reads it. A value that is lost between two of them does not
// matter, so a load and a store are enough.
type pace struct {
	nanos atomic.Int64 // of one delivery; 0 until one has ended
}

// shareTime bounds the work that waits fetched behind handlers that take longer than batchTime: there a fetch
// ahead saves its round trip, but the fetched deliveries cannot be run by another process.
const shareTime = 50 * time.Millisecond

// noteDuration takes in what a delivery took. Workers that note at the same moment may lose one of the
// values, which does no harm.
func (p *pace) noteDuration(took time.Duration) {
	took = max(took, 1)
	if old := time.Duration(p.nanos.Load()); old != 0 {
		took = old + (took-old)/4
	}
	p.nanos.Store(int64(max(took, 1)))
}

// fetchAhead returns how many deliveries may wait, fetched, for a number of workers beside one for each of them that
// has nothing to do: as many as they run in batchTime, or, while that is less than one for each of them, at most
// as many as they run in shareTime. Before anything has run there is none.
func (p *pace) fetchAhead(workers, most int) int {
	took := time.Duration(p.nanos.Load())
	if took == 0 {
		return 0
	}
	inBatchTime := time.Duration(workers) * batchTime / took
	inShareTime := time.Duration(workers) * shareTime / took
	return int(min(max(inBatchTime, min(inShareTime, time.Duration(workers))), time.Duration(most)))
}
