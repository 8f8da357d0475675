package necro_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Measured goes to the store by the hundred.
//
//necro:event
type Measured struct{ Sensor, Value int }

// Stored says that a measurement is in the store.
//
//necro:event output
type Stored struct{ Sensor int }

// Inserter writes many rows in one statement.
//
//necro:organ
type Inserter struct{}

// Insert fails for one of its events, and the others succeed. That one is tried again alone. A zero emits nothing.
//
//necro:handle batch=100/50ms retry=2 backoff=1ms..1ms
func (w *Inserter) Insert(ctx context.Context, ms []*Measured) ([]*Stored, error) {
	fmt.Println("rows:", len(ms))
	stored, failed := make([]*Stored, len(ms)), necro.Failed{}
	for i, m := range ms {
		if m.Value < 0 && len(ms) > 1 {
			failed[i] = errors.New("the row is locked")
			continue
		}
		if m.Value != 0 {
			stored[i] = &Stored{m.Sensor}
		}
	}
	return stored, failed
}

// A batch handler gets the events that wait, and gives each of them an outcome of its own.
func Example_batch() {
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Inserter{}), necro.WithLogger(nil))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := spine.PublishBatch(ctx, []necro.Event{&Measured{1, 20}, &Measured{2, -1}, &Measured{3, 0}}); err != nil {
		panic(err)
	}
	stats, err := spine.Drain(ctx)
	fmt.Println(stats, err)
	// Output:
	// rows: 3
	// rows: 1
	// 3 published, 3 handled, 1 retried, 2 emitted <nil>
}
