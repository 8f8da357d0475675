package memory_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:generate go tool necrogen

// Draft is what the examples publish.
//
//necro:event
type Draft struct {
	Text string `msgpack:"text"`
}

// Editor does what no handler may: it changes the event that it was handed.
//
//necro:organ
type Editor struct{}

// Edit changes the event, which others may hold.
//
//necro:handle
//lint:ignore necro/eventwrite the examples show what comes of it
func (Editor) Edit(_ context.Context, d *Draft) { d.Text += ", edited" }

// Without WithCopy a handler gets the very event that was published. With it, every handler gets
// an event of its own, as from a backend that stores bytes.
func ExampleWithCopy() {
	for _, backend := range []*memory.Backend{memory.New(), memory.New(memory.WithCopy())} {
		spine, err := necro.New(backend, necro.WithOrgans(&Editor{}))
		if err != nil {
			log.Fatal(err)
		}
		draft := &Draft{Text: "draft"}
		if err := spine.Publish(context.Background(), draft); err != nil {
			log.Fatal(err)
		}
		if _, err := spine.Drain(context.Background()); err != nil {
			log.Fatal(err)
		}
		fmt.Println(draft.Text)
	}
	// Output:
	// draft, edited
	// draft
}

// A publisher waits while the backend holds its limit. FailWhenFull reports it instead, and so
// does any backend that nothing has started to consume from.
func ExampleWithLimit() {
	backend := memory.New(memory.WithLimit(2), memory.FailWhenFull())
	spine, err := necro.New(backend, necro.WithOrgans(&Editor{}))
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		fmt.Println(spine.Publish(context.Background(), &Draft{}))
	}
	// Output:
	// <nil>
	// <nil>
	// backend is full
}
