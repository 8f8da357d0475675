package necro_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// RoomHeld, RoomPaid and HoldExpired are what happens to a room that a guest may take.
//
//necro:event key=Room
type RoomHeld struct {
	Room string        `msgpack:"room"`
	For  time.Duration `msgpack:"for"`
}

//necro:event key=Room
type RoomPaid struct {
	Room string `msgpack:"room"`
}

//necro:event
type HoldExpired struct {
	Guest string `msgpack:"guest"`
}

// Hold is what is known of a room: nothing, when it is free.
//
//necro:state
type Hold struct {
	Paid bool `msgpack:"paid"`
}

// Rooms keeps rooms for a while.
//
//necro:organ hotel.Rooms
type Rooms struct{ said chan string }

// Hold starts a timer, in the step that stores the record.
//
//necro:handle
func (r *Rooms) Hold(_ context.Context, h *Hold, e *RoomHeld) necro.Timer[HoldExpired] {
	return necro.StartTimer(e.For, &HoldExpired{Guest: "guest of " + e.Room})
}

// Pay stops it.
//
//necro:handle
func (r *Rooms) Pay(_ context.Context, h *Hold, e *RoomPaid) necro.Timer[HoldExpired] {
	h.Paid = true
	r.said <- e.Room + " is paid"
	return necro.StopTimer[HoldExpired]()
}

// Expire is called with the record of the room, when its timer fires. The room is free then.
//
//necro:handle
func (r *Rooms) Expire(_ context.Context, h *Hold, e *HoldExpired) necro.End {
	r.said <- "no room for " + e.Guest
	return true
}

// A handler with state starts and stops timers of its record.
func ExampleTimer() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	rooms := &Rooms{make(chan string, 10)}
	spine, err := necro.New(memory.New(), necro.WithOrgans(rooms))
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range []necro.Event{
		&RoomHeld{"12", time.Hour}, &RoomPaid{"12"},
		&RoomHeld{"14", time.Millisecond},
	} {
		if err := spine.Publish(ctx, e); err != nil {
			log.Fatal(err)
		}
	}
	go func() {
		if err := spine.Run(ctx); err != nil {
			log.Print(err)
		}
	}()
	fmt.Println(<-rooms.said)
	fmt.Println(<-rooms.said)
	// Output:
	// 12 is paid
	// no room for guest of 14
}
