package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/runtime/contract"
)

var (
	typeFirst  = &contract.EventType{Name: "FIRST", Version: 1}
	typeSecond = &contract.EventType{Name: "SECOND", Version: 1}
)

// organOf returns a subscription whose leases run out soon after its process is gone.
func organOf(name string, event *contract.EventType) contract.Subscription {
	return contract.Subscription{Organ: name, Path: "example.com/" + name, Events: []*contract.EventType{event}, Lease: 2 * time.Second}
}

// messageOf returns an event of the type FIRST.
func messageOf(text string) contract.Message {
	return contract.Message{ID: contract.IDOf(text), Type: typeFirst, Payload: []byte(text), Nanos: time.Now().UnixNano()}
}

// subscribe binds an organ.
func subscribe(t *testing.T, b contract.Backend, sub contract.Subscription) contract.Consumer {
	t.Helper()
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{sub})
	if err != nil {
		t.Fatal(err)
	}
	return cs[0]
}

// fetchOne waits for a delivery.
func fetchOne(t *testing.T, c contract.Consumer) *contract.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ds, err := c.Fetch(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	return &ds[0]
}

// TestPublishJoinsATransaction publishes in transactions of the user's, by pgx and by database/sql: what is rolled back was
// never published, what is committed is delivered, and an open transaction holds up no other Publish.
func TestPublishJoinsATransaction(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, newNamespace())
	c := subscribe(t, b, organOf("all", typeFirst))
	publishIn := func(ctx context.Context, text string) error {
		_, err := b.Publish(ctx, []contract.Message{messageOf(text)}, contract.PublishOptions{})
		return err
	}
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	refused := errors.New("rolled back")
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		return errors.Join(publishIn(postgres.WithTx(t.Context(), tx), "rolled back"), refused)
	})
	if !errors.Is(err, refused) || errors.Is(err, contract.ErrBackendUnavailable) {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		if err := publishIn(postgres.WithTx(t.Context(), tx), "by pgx"); err != nil {
			return err
		}
		if err := publishIn(t.Context(), "beside"); err != nil {
			return err
		}
		if d := fetchOne(t, c); string(d.Payload) != "beside" {
			t.Errorf("%s was delivered before its transaction was committed", d.Payload)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := fetchOne(t, c); string(d.Payload) != "by pgx" {
		t.Errorf("%s was delivered, want what was committed", d.Payload)
	}
	db, err := sql.Open("pgx", server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(publishIn(postgres.WithSQLTx(t.Context(), tx), "by database/sql"), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	if d := fetchOne(t, c); string(d.Payload) != "by database/sql" {
		t.Errorf("%s was delivered, want what was committed", d.Payload)
	}
}

// TestLateParkIsHandedOver parks an event in a transaction that commits after the first organ was bound: the organ gets it.
func TestLateParkIsHandedOver(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, newNamespace())
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(postgres.WithTx(t.Context(), tx), []contract.Message{messageOf("late")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	c := subscribe(t, b, organOf("all", typeFirst))
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := fetchOne(t, c); string(d.Payload) != "late" {
		t.Errorf("%s was delivered", d.Payload)
	}
}
