// Command hello is the smallest complete program: one event, one organ.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:generate go tool necrogen

//necro:event
type Greeted struct {
	Name string `msgpack:"name" validate:"required"`
}

//necro:organ
type Greeter struct{}

//necro:handle
func (*Greeter) Greet(ctx context.Context, g *Greeted) error {
	fmt.Printf("Hello, %s!\n", g.Name)
	return nil
}

func main() {
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Greeter{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(context.Background(), &Greeted{Name: "world"}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(context.Background()); err != nil {
		log.Fatal(err)
	}
}
