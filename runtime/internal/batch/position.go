package batch

// Position is the state of a batch: the number of the batch and the index of the delivery that runs, with a mark once
// the deliveries behind it were offered to other processes. [Idle] and [Abandoned] are the positions of a batch in
// which no delivery runs.
type Position int64

// Positions of a batch in which no delivery runs.
const (
	Idle      Position = -1 // the worker has no batch
	Abandoned Position = -2 // the watch has taken the batch away, and the handler has not returned
)

// indexBits is the part of a position that holds the index. Its highest bit is the mark restOffered, so a batch has
// fewer than 32,768 deliveries.
const (
	indexBits            = 16
	restOffered Position = 1 << (indexBits - 1)
)

func newPosition(number int64, i int) Position { return Position(number<<indexBits | int64(i)) }

// IsRunning reports whether a delivery runs at the position, or the worker is between two.
func (p Position) IsRunning() bool { return p >= 0 }

// Index returns the index of the delivery that runs.
func (p Position) Index() int { return int(p & (restOffered - 1)) }

// RestOffered reports whether the deliveries behind the one that runs were offered to other processes.
func (p Position) RestOffered() bool { return p&restOffered != 0 }

// IsOfBatch reports whether two positions are of one batch.
func (p Position) IsOfBatch(other Position) bool { return p.number() == other.number() }

// number returns the number of the batch; below 0 for Idle and Abandoned, which no batch has.
func (p Position) number() int64 { return int64(p >> indexBits) }

// IsAt reports whether two positions are those of one delivery, be its rest offered or not.
func (p Position) IsAt(q Position) bool { return p&^restOffered == q&^restOffered }
