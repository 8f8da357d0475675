package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/runtime/contract"
)

// uniqueOf returns an event of a key, which is unique for longer than the test lasts.
func uniqueOf(text, key string) contract.Message {
	m := messageOf(text)
	m.Key, m.Unique = key, 24*time.Hour
	return m
}

// publishUnique publishes an event, and returns the id of the one in its place.
func publishUnique(t *testing.T, b *postgres.Backend, m contract.Message) contract.ID {
	t.Helper()
	duplicates, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return duplicates.Of(0)
}

// TestUniqueTakesAnyKey: also one with zero bytes, and one that is longer than an index takes.
func TestUniqueTakesAnyKey(t *testing.T) {
	t.Parallel()
	b := open(t, sharedServer(t), newNamespace())
	long := make([]byte, 20_000) // which cannot be compressed
	rand.Read(long)
	for _, key := range []string{string(long), "a\x00b", "a\xffb"} {
		first := uniqueOf("first", key)
		first.ID = contract.NewID()
		if there := publishUnique(t, b, first); !there.IsZero() {
			t.Errorf("key %.10q: %s is in its place", key, there)
		}
		if there := publishUnique(t, b, uniqueOf("second", key)); there != first.ID {
			t.Errorf("key %.10q: %s is in its place, want the first", key, there)
		}
	}
}

// TestUniqueRowsOfOthers: what anyone has written into the table uniq is taken for an event that is there, or for none.
func TestUniqueRowsOfOthers(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	namespace := newNamespace()
	b := open(t, server, namespace)
	c := subscribe(t, b, organOf("all", typeFirst))
	publishUnique(t, b, uniqueOf("first", "k"))
	query(t, server, `UPDATE `+namespace+`.uniq SET id = 'short', organs = '{NULL,7}', event = ''`)
	if there := publishUnique(t, b, uniqueOf("second", "k")); there.IsZero() {
		t.Error("an event is stored though the place is taken")
	}
	if results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: fetchOne(t, c)}}); results != nil || err != nil {
		t.Errorf("settle: %v, %v", results, err)
	}
	query(t, server, `UPDATE `+namespace+`.uniq SET until = -1`)
	if there := publishUnique(t, b, uniqueOf("second", "k")); !there.IsZero() {
		t.Errorf("%s is in its place", there)
	}
}

// TestUniqueInATransaction: an open transaction that has found a place taken holds up no settle of the event that is there, and one
// that is rolled back has taken no place.
func TestUniqueInATransaction(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, newNamespace())
	c := subscribe(t, b, organOf("all", typeFirst))
	publishUnique(t, b, uniqueOf("first", "k"))
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	refused := errors.New("rolled back")
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		_, err := b.Publish(postgres.WithTx(t.Context(), tx), []contract.Message{uniqueOf("second", "k"), uniqueOf("other", "other")}, contract.PublishOptions{})
		if err != nil {
			return err
		}
		if results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: fetchOne(t, c)}}); results != nil || err != nil {
			t.Errorf("settle: %v, %v", results, err)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	for _, key := range []string{"k", "other"} {
		if there := publishUnique(t, b, uniqueOf("third "+key, key)); !there.IsZero() {
			t.Errorf("key %s: %s is in its place", key, there)
		}
	}
}

// TestSettleWaitsForNoPlaceThatIsTaken settles a unique event whose time is over, while a transaction that stays open has taken its
// place.
func TestSettleWaitsForNoPlaceThatIsTaken(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, newNamespace())
	c := subscribe(t, b, organOf("all", typeFirst))
	short := uniqueOf("first", "k")
	short.Unique = time.Millisecond
	publishUnique(t, b, short)
	first := fetchOne(t, c)
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	time.Sleep(5 * time.Millisecond) // its time is over by the server's clock, too
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		_, err := b.Publish(postgres.WithTx(t.Context(), tx), []contract.Message{uniqueOf("second", "k")}, contract.PublishOptions{})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		results, err := c.Settle(ctx, []contract.Outcome{{Delivery: first}})
		if err == nil && !results.IsApplied(0) {
			err = errors.New("the settle was lost")
		}
		return err
	})
	if err != nil {
		t.Errorf("settle beside the open transaction: %v", err)
	}
}
