package memory

import (
	"math"
	"time"
)

// instant is a time by the monotonic clock of the process, in nanoseconds since the backend was made.
// Leases and delays are told in instants, because the wall clock may be set while they last. No
// instant is 0, so that 0 stands for none.
type instant int64

// now returns the present instant.
func (b *Backend) now() instant { return instant(b.clock().Sub(b.made)) }

// after returns the instant that comes some time behind t, or the last one there is.
func (t instant) after(d time.Duration) instant {
	return t + instant(min(int64(max(d, 0)), math.MaxInt64-int64(t)))
}
