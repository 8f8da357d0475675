package necro_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// GiftSentV1 had the name in one field. Events of this kind are still stored.
//
//necro:event GIFT_SENT version=1
type GiftSentV1 struct {
	To string `msgpack:"to"`
}

// GiftSent is what it is today.
//
//necro:event GIFT_SENT version=2
type GiftSent struct {
	First string `msgpack:"first"`
	Last  string `msgpack:"last"`
}

// upcastGift turns an event of yesterday into one of today.
//
//necro:upcast
func upcastGift(old GiftSentV1) (new GiftSent, err error) {
	_, err = fmt.Sscan(old.To, &new.First, &new.Last)
	return new, err
}

// Thanks writes letters. It knows nothing of former versions.
//
//necro:organ shop.Thanks
type Thanks struct{}

// Write writes one.
//
//necro:handle
func (Thanks) Write(_ context.Context, g *GiftSent) {
	fmt.Printf("Dear %s, how kind. Yours, the %s family\n", g.First, g.Last)
}

// What was stored by an older program is handed to handlers in the newest version.
func Example_upcast() {
	ctx := context.Background()
	backend := memory.New()
	older, err := necro.New(backend)
	if err != nil {
		log.Fatal(err)
	}
	if err := older.Publish(ctx, &GiftSentV1{To: "Ada Lovelace"}); err != nil {
		log.Fatal(err)
	}
	newer, err := necro.New(backend, necro.WithOrgans(&Thanks{}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := newer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: Dear Ada, how kind. Yours, the Lovelace family
}
