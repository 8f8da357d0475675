package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// ReportDue is published every second.
//
//necro:event
//necro:every 1s
type ReportDue struct{}

// Reports writes a report at each tick, whatever number of processes run.
//
//necro:organ
type Reports struct{ written chan time.Time }

// Write is handed ticks with the time that they are of.
//
//necro:handle
func (r *Reports) Write(ctx context.Context, _ *ReportDue) error {
	meta, _ := necro.MetaFrom(ctx)
	r.written <- meta.Due
	return nil
}

// An event with a schedule is published by itself. Of several processes over one backend, one fires each tick.
func Example_every() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	backend, written := memory.New(), make(chan time.Time, 10)
	for range 2 {
		spine, err := necro.New(backend, necro.WithOrgans(&Reports{written}))
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			if err := spine.Run(ctx); err != nil {
				log.Print(err)
			}
		}()
	}
	first, second := <-written, <-written
	fmt.Println("whole seconds:", first.Nanosecond() == 0 && second.Nanosecond() == 0)
	fmt.Println("the second one is later:", second.After(first))
	// Output:
	// whole seconds: true
	// the second one is later: true
}
