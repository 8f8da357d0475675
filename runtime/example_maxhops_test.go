package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// ReminderDue says that somebody has to be reminded.
//
//necro:event
type ReminderDue struct {
	To string `msgpack:"to"`
}

// Reminders never tire. necrogen wants a bound for a chain that runs in a circle.
//
//necro:organ shop.Reminders maxhops=3
type Reminders struct{}

// Remind reminds, and sees to it that it happens again.
//
//necro:handle
func (Reminders) Remind(ctx context.Context, r ReminderDue) ReminderDue {
	meta, _ := necro.MetaFrom(ctx)
	fmt.Println("hop", meta.Hops)
	return r
}

// A chain ends at its bound, as a dead letter. MaxHops sets another one than the annotation.
func ExampleMaxHops() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Reminders{}),
		necro.WithPolicy("shop.Reminders", necro.MaxHops(1)))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &ReminderDue{To: "Ada"}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	letters, err := backend.DeadLetters(ctx, "shop.Reminders", necro.ID{}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(letters[0].Reason)
	// Output:
	// hop 0
	// hop 1
	// maxhops
}
