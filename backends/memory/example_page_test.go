package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Reviewer refuses every draft.
//
//necro:organ memory_test.Reviewer
type Reviewer struct{}

// Review refuses one.
//
//necro:handle
func (Reviewer) Review(context.Context, *Draft) error {
	return contract.Permanent(errors.New("not good enough"))
}

// Dead letters are read page by page: each begins behind the last letter of the one before.
func ExampleBackend_DeadLetters() {
	ctx := context.Background()
	backend := memory.New()
	spine, err := necro.New(backend, necro.WithOrgans(&Reviewer{}))
	if err != nil {
		log.Fatal(err)
	}
	for range 5 {
		if err := spine.Publish(ctx, &Draft{Text: "draft"}); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	for last := (contract.ID{}); ; {
		page, err := backend.DeadLetters(ctx, "memory_test.Reviewer", last, 2)
		if err != nil {
			log.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		fmt.Println(len(page), page[0].Reason, page[0].Error)
		last = page[len(page)-1].ID
	}
	// Output:
	// 2 permanent not good enough
	// 2 permanent not good enough
	// 1 permanent not good enough
}
