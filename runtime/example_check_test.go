package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// MoneyMoved is a transfer between accounts, which other programs read.
//
//necro:event output
type MoneyMoved struct {
	From  string `msgpack:"from" validate:"required"`
	To    string `msgpack:"to" validate:"required"`
	Cents int    `msgpack:"cents" validate:"gt=0"`
}

// accounts is a rule across fields, which no tag can say.
//
//necro:check
func (m *MoneyMoved) accounts() error {
	if m.From == m.To {
		return errors.New("from and to are the same account")
	}
	return nil
}

// Every violation is listed: where it is, by which rule, and what the value must be. The rules of
// tags come first, then those of //necro:check.
func ExampleValidationError() {
	spine, err := necro.New(memory.New())
	if err != nil {
		log.Fatal(err)
	}
	err = spine.Publish(context.Background(), &MoneyMoved{From: "7", To: "7", Cents: -1})
	var invalid *necro.ValidationError
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			fmt.Printf("%q %q %q: %s\n", v.Path, v.Rule, v.Param, v.Message)
		}
	}
	// Output:
	// "cents" "gt" "0": must be greater than 0
	// "" "check" "": from and to are the same account
}
