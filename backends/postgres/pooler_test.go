package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// openPooled opens a backend by way of a pooler. The test closes it.
func openPooled(t *testing.T, pooler *postgrestest.Pooler, namespace string, options ...postgres.Option) *postgres.Backend {
	t.Helper()
	options = append([]postgres.Option{postgres.WithNamespace(namespace), postgres.WithLogger(nil)}, options...)
	b, err := postgres.Open(t.Context(), pooler.URL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// askServer returns the first column of the first row of a query.
func askServer[T any](t *testing.T, url, text string) (answer T) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := conn.QueryRow(t.Context(), text).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestPoolerInTransactionMode has three processes work by way of a PgBouncer that has fewer sessions than they have connections,
// and starts that again meanwhile. Every event whose Publish had returned comes out once, and the sessions, which others use as
// well, are left as they were.
func TestPoolerInTransactionMode(t *testing.T) {
	t.Parallel()
	const events = 200
	server, namespace := sharedServer(t), newNamespace()
	pooler := postgrestest.StartPooler(t, server)
	b := openPooled(t, pooler, namespace)
	sink := subscribe(t, b, organOf("sink", typeSecond))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	working := startWorkers(ctx, t, func() *postgres.Backend { return openPooled(t, pooler, namespace) })
	for n := range events {
		if n == events/2 {
			pooler.Stop()
			if err := pooler.Start(); err != nil {
				t.Fatal(err)
			}
		}
		m := messageOf(fmt.Sprint(n))
		m.Once = true // a repeated Publish may have been stored before
		err := persist(ctx, func() error {
			_, err := b.Publish(ctx, []contract.Message{m}, contract.PublishOptions{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for event, times := range countPayloads(t, sink, events) {
		if times != 1 {
			t.Errorf("event %s came out %d times", event, times)
		}
	}
	cancel()
	working.Wait()
	left := askServer[string](t, pooler.URL(), `SELECT concat_ws(' ', current_setting('enable_seqscan'), current_setting('synchronous_commit'),
		(SELECT string_agg(channel, ' ') FROM pg_listening_channels() AS channel), (SELECT string_agg(name, ' ') FROM pg_prepared_statements))`)
	if left != "on on" {
		t.Errorf("a session that others use has %q, want the settings as they were, nothing listened to and nothing prepared", left)
	}
}

// TestListenAddressGoesPastThePooler: with the address of the server itself a backend listens there, and without it nowhere.
func TestListenAddressGoesPastThePooler(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	pooler := postgrestest.StartPooler(t, server)
	const listeners = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`
	openPooled(t, pooler, "deaf")
	listening := openPooled(t, pooler, "listening", postgres.WithListenAddress(server.URL()))
	c := subscribe(t, listening, organOf("all", typeFirst))
	poll.Until(t, "a session listens", func() bool { return askServer[int64](t, server.URL(), listeners) > 0 })
	if _, err := openPooled(t, pooler, "listening").Publish(t.Context(), []contract.Message{messageOf("told")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	fetchOne(t, c)
	if n := askServer[int64](t, server.URL(), listeners); n != 1 {
		t.Errorf("%d sessions listen, want the one with an address of its own", n)
	}
}

// TestListenAddressIsChecked: an address that cannot be used is refused, without its password.
func TestListenAddressIsChecked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "postgres://app:s3cret@127.0.0.1:bad/shop"} {
		b, err := postgres.Open(t.Context(), sharedServer(t).URL(), postgres.WithListenAddress(address), postgres.WithLogger(nil))
		if err == nil {
			b.Close()
			t.Errorf("%q is taken", address)
		} else if containsSecret(err) {
			t.Errorf("the error has the password: %v", err)
		}
	}
}
