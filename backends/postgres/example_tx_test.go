package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/necrostack/necrogen/backends/postgres"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// OrderPlaced is an event. In a program its methods are generated.
type OrderPlaced struct{ ID string }

var orderPlaced = contract.EventType{
	Name: "ORDER_PLACED", Version: 1, Key: func(e contract.Event) string { return e.(*OrderPlaced).ID },
	Is:  func(e contract.Event) bool { o, ok := e.(*OrderPlaced); return ok && o != nil },
	New: func() contract.Event { return new(OrderPlaced) },
}

func (o *OrderPlaced) NecroEvent() *contract.EventType { return &orderPlaced }

func (o *OrderPlaced) Validate() error { return nil }

func (o *OrderPlaced) AppendMsgpack(b []byte) ([]byte, error) { return wire.AppendString(b, o.ID), nil }

func (o *OrderPlaced) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	rest, err := wire.ReadString(in, &o.ID)
	return wire.Rest(b, in, rest, err)
}

// An event in the transaction that writes what it tells of: both are there, or neither is.
func ExampleWithTx() {
	server, err := startShared() // stands for yours
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `CREATE TABLE orders (id text PRIMARY KEY)`); err != nil {
		log.Fatal(err)
	}
	backend, err := postgres.Open(ctx, server.URL(), postgres.WithNamespace("orders"))
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend)
	if err != nil {
		log.Fatal(err)
	}

	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO orders (id) VALUES ($1)`, "A-17"); err != nil {
			return err
		}
		return spine.Publish(postgres.WithTx(ctx, tx), &OrderPlaced{ID: "A-17"})
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, park := range backend.Health(ctx).Parked {
		fmt.Println(park.Parked, park.Event, "waits for an organ")
	}
	// Output:
	// 1 ORDER_PLACED waits for an organ
}
