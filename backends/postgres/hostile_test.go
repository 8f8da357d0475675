package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// query runs statements as somebody else would.
func query(t *testing.T, server *postgrestest.Server, text string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// TestErrorsHaveNoPassword opens addresses that do not work: no error has the password.
func TestErrorsHaveNoPassword(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	for name, address := range map[string]string{
		"refused":        strings.Replace(server.URL(), postgrestest.Password, "s3cret", 1),
		"unknown user":   strings.Replace(strings.Replace(server.URL(), postgrestest.Password, "s3cret", 1), "//"+postgrestest.User, "//nobody", 1),
		"unreachable":    "postgres://app:s3cret@127.0.0.1:1/shop",
		"malformed":      "postgres://app:s3cret%zz@127.0.0.1:bad/shop",
		"bad mode":       "postgres://app:s3cret@127.0.0.1/shop?sslmode=s3cret",
		"settings":       "host=127.0.0.1 port=1 user=app password=s3cret",
		"bad settings":   "host=127.0.0.1 port=x user=app password=s3cret",
		"no such option": "postgres://app:s3cret@127.0.0.1/shop?pool_max_conns=s3cret",
	} {
		b, err := postgres.Open(t.Context(), address, postgres.WithLogger(nil), postgres.WithPatience(5*time.Second))
		if err == nil {
			b.Close()
			t.Errorf("%s: opened", name)
		} else if containsSecret(err) {
			t.Errorf("%s: the error has the password: %s", name, strings.ReplaceAll(err.Error(), "s3cret", "<password>"))
		}
	}
}

// containsSecret reports whether an error tells the password that these tests use.
func containsSecret(err error) bool { return strings.Contains(err.Error(), "s3cret") }

// TestNamespaceIsAnIdentifier refuses every name that would need quotes, and takes words of SQL.
func TestNamespaceIsAnIdentifier(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	for _, name := range []string{"", "Shop", "1shop", "a b", `a"b`, "a;b", "a.b", "ä", strings.Repeat("a", 41)} {
		if b, err := postgres.Open(t.Context(), server.URL(), postgres.WithNamespace(name)); err == nil {
			b.Close()
			t.Errorf("the namespace %q is taken", name)
		}
	}
	open(t, server, "select")
}

// TestForeignSchemaIsRefused: the tables of another program stay as they are, and so does what a newer program has made.
func TestForeignSchemaIsRefused(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	query(t, server, `CREATE SCHEMA foreigner; CREATE TABLE foreigner.queue (id int)`)
	open(t, server, "newer").Close()
	query(t, server, `UPDATE newer.meta SET value = 99 WHERE name = 'format'`)
	for namespace, want := range map[string]string{"foreigner": "another program", "newer": "update the program"} {
		_, err := postgres.Open(t.Context(), server.URL(), postgres.WithNamespace(namespace), postgres.WithLogger(nil))
		if err == nil || !contract.IsPermanent(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("open %s: error %v, want a permanent one that says %q", namespace, err, want)
		}
	}
}

// TestOlderSchemaIsBroughtUpToDate: a namespace of the first format gets what was added since, and keeps what it holds.
func TestOlderSchemaIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, "older")
	if _, err := b.Publish(t.Context(), []contract.Message{messageOf("kept")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	b.Close()
	for _, table := range []string{"queue", "wait", "later", "parked", "dead"} {
		query(t, server, `ALTER TABLE older.`+table+` DROP COLUMN spread`)
	}
	query(t, server, `ALTER TABLE older.organ DROP COLUMN lanes; ALTER TABLE older.consumer DROP COLUMN lanes, DROP COLUMN lanes_until; DROP TABLE older.lane`)
	query(t, server, `DROP TABLE older.rate, older.uniq; UPDATE older.meta SET value = 1 WHERE name = 'format'`)
	b = open(t, server, "older")
	rate := contract.Rate{Count: 100, Per: 10 * time.Hour}
	if n, _, err := b.TakeTokens(t.Context(), "o", rate, 4); n != 4 || err != nil {
		t.Errorf("%d tokens, %v, want 4", n, err)
	}
	m := messageOf("unique")
	m.Unique = time.Hour
	if _, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{}); err != nil {
		t.Errorf("publish a unique event: %v", err)
	}
	if parked := b.Health(t.Context()).Parked; len(parked) != 1 || parked[0].Parked != 2 {
		t.Errorf("parked: %v, want two events", parked)
	}
}

// TestSweepLeavesARenewedID: an id whose time is over is given again while expired rows are deleted. It is remembered.
func TestSweepLeavesARenewedID(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	b := open(t, server, "renewed")
	m := messageOf("once")
	m.Once = true
	publish := func() bool {
		t.Helper()
		duplicates, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return duplicates.Has(0)
	}
	publish()
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	run := func(text string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	// The row is over for all, and another process is about to commit that it is not.
	run(`BEGIN; UPDATE renewed.once SET at = 1; COMMIT; BEGIN; UPDATE renewed.once SET at = renewed.nanos()`)
	waits := false
	for range 400 {
		time.Sleep(50 * time.Millisecond)
		other, err := pgx.Connect(t.Context(), server.URL())
		if err != nil {
			t.Fatal(err)
		}
		err = other.QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DELETE FROM%renewed%once%'`).Scan(&waits)
		other.Close(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if waits {
			break
		}
	}
	if !waits {
		t.Fatal("no sweep looks at the row")
	}
	run(`COMMIT`)
	time.Sleep(500 * time.Millisecond)
	if !publish() {
		t.Error("an id that was given just now is forgotten")
	}
}

// TestUnreadableRowsAreDeadLetters writes what we never would: it becomes a dead letter, or is taken for what is in range, and
// what is behind goes on.
func TestUnreadableRowsAreDeadLetters(t *testing.T) {
	t.Parallel()
	server, namespace := sharedServer(t), newNamespace()
	b := open(t, server, namespace)
	c := subscribe(t, b, organOf("first", typeFirst))
	msgs := []contract.Message{messageOf("unreadable"), messageOf("wild numbers"), messageOf("sound")}
	if _, err := b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	tables := "SET search_path TO " + namespace + ";"
	query(t, server, tables+`UPDATE queue SET envelope = '\xc1ff' WHERE payload = 'unreadable';
		WITH moved AS (DELETE FROM queue WHERE payload = 'wild numbers' RETURNING *)
		INSERT INTO wait (organ, seq, due, attempts, declines, declined, holds, event, key, envelope, payload)
			SELECT organ, seq, -1, -5, -7, -9, 0, event, key, envelope, payload FROM moved`)
	for range 2 {
		d := fetchOne(t, c)
		if d.Attempts < 0 || d.Declines < 0 || d.Declined < 0 || string(d.Payload) == "unreadable" {
			t.Errorf("%s was delivered with %d attempts, declined %d times since %d", d.Payload, d.Attempts, d.Declines, d.Declined)
		}
	}
	letters, err := b.DeadLetters(t.Context(), "first", contract.ID{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != 1 || letters[0].Reason != contract.ReasonUndecodable || string(letters[0].Message.Payload) != "unreadable" {
		t.Errorf("dead letters: %+v, want the one that cannot be read, with its bytes", letters)
	}
}

// TestMissingTableIsPermanent: no repetition mends a schema that was removed.
func TestMissingTableIsPermanent(t *testing.T) {
	t.Parallel()
	server, namespace := sharedServer(t), newNamespace()
	b := open(t, server, namespace)
	query(t, server, `DROP SCHEMA `+namespace+` CASCADE`)
	_, err := b.Publish(t.Context(), []contract.Message{messageOf("one")}, contract.PublishOptions{})
	if !contract.IsPermanent(err) || errors.Is(err, contract.ErrBackendUnavailable) {
		t.Errorf("publish: error %v, want a permanent one", err)
	}
}
