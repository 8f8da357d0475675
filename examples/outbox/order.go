package main

import (
	"context"
	"database/sql"
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
)

// placeOrder stores an order, and the event that says so, in one transaction: both, or none.
func placeOrder(ctx context.Context, db *sql.DB, id string, cents int) error {
	return inTransaction(ctx, db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO orders (id, cents) VALUES (?, ?)`, id, cents); err != nil {
			return fmt.Errorf("store order %s: %w", id, err)
		}
		return enqueueEvent(ctx, tx, &OrderPlaced{OrderID: id, Cents: cents})
	})
}

// enqueueEvent writes an event into the outbox, under the id with which it will be published. An
// event that breaks its rules fails the transaction.
func enqueueEvent(ctx context.Context, tx *sql.Tx, e necro.Event) error {
	if err := e.Validate(); err != nil {
		return err
	}
	payload, err := e.AppendMsgpack(nil)
	if err != nil {
		return err
	}
	t := e.NecroEvent()
	_, err = tx.ExecContext(ctx, `INSERT INTO outbox (id, event, version, payload) VALUES (?, ?, ?, ?)`,
		necro.NewID().String(), t.Name, t.Version, payload)
	return err
}
