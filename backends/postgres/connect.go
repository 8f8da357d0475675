package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/necrostack/necrogen/runtime/contract"
)

// oldest is the first version of PostgreSQL that the backend works with.
const oldest = 140000

// connectPool opens the pool, and looks at the server.
func (b *Backend) connectPool(ctx context.Context, address string) error {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return unusableAddress(address, err)
	}
	if b.connections > 0 {
		c.MaxConns = b.connections
	}
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "necrostack"
	}
	if b.pooled, err = b.findPooler(ctx, c.ConnConfig); err != nil {
		return fmt.Errorf("open postgres: %w", b.explainError(ctx, err))
	}
	if b.pooled {
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // unnamed statements
	} else {
		c.AfterConnect = prepareSession
	}
	if err := b.chooseListener(c.ConnConfig); err != nil {
		return err
	}
	if b.pool, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), c); err != nil {
		return fmt.Errorf("open postgres: %w", b.explainError(ctx, err))
	}
	if err := b.checkServer(ctx); err != nil {
		b.pool.Close()
		return fmt.Errorf("open postgres: %w", err)
	}
	return nil
}

func unusableAddress(address string, err error) error {
	return contract.Permanent(fmt.Errorf("open postgres: the address cannot be used%s: it looks like postgres://user:password@host:5432/database?sslmode=verify-full", withoutSecret(address, err)))
}

// chooseListener decides by which address the backend listens: a LISTEN through a pooler would stay in a session that is not
// ours.
func (b *Backend) chooseListener(c *pgx.ConnConfig) (err error) {
	switch {
	case b.listen != "":
		if b.listens, err = pgx.ParseConfig(b.listen); err != nil {
			return unusableAddress(b.listen, err)
		}
	case !b.pooled:
		b.listens = c
	}
	return nil
}

// findPooler reports whether a pooler is in between that may run each transaction in another session. It tells the client
// another number of the server's process than the server does, because the process changes. An address with a mode of its own
// for statements, which users need behind poolers, is taken at its word.
func (b *Backend) findPooler(ctx context.Context, c *pgx.ConnConfig) (bool, error) {
	if b.sessions || c.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		return !b.sessions, nil
	}
	bounded, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	plain := c.Copy()
	plain.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(bounded, plain)
	if err != nil {
		return false, err
	}
	defer conn.Close(bounded)
	var process int64
	err = conn.QueryRow(bounded, `SELECT pg_backend_pid()`).Scan(&process)
	return process != int64(conn.PgConn().PID()), err
}

// withoutSecret returns the fault of an address, and nothing where the driver's text may quote the password.
func withoutSecret(address string, err error) string {
	if u, bad := url.Parse(address); bad == nil && u.Scheme != "" {
		if password, _ := u.User.Password(); password == "" || !strings.Contains(err.Error(), password) {
			return ": " + err.Error()
		}
	}
	return ""
}

// prepareSession sets READ COMMITTED for a connection, whatever the database's default, because the statements count on it.
// It also switches off plans that read whole tables, because a plan is made once, perhaps while a table is empty, and stays
// when the table grows. Behind a pooler each transaction sets the same for itself: see pooledBegin.
func prepareSession(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;
		SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_mergejoin = off; SET jit = off`)
	return err
}

// plainBegin begins a transaction, and pooledBegin one in a session that is not ours, where it leaves nothing behind.
var (
	plainBegin  = []string{`BEGIN`}
	pooledBegin = []string{
		`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
		`SET LOCAL enable_seqscan = off`, `SET LOCAL enable_bitmapscan = off`, `SET LOCAL enable_mergejoin = off`, `SET LOCAL jit = off`,
	}
)

// beginTexts are the statements that begin a transaction.
func (b *Backend) beginTexts() []string {
	if b.pooled {
		return pooledBegin
	}
	return plainBegin
}

// checkServer refuses a server that the backend does not work with.
func (b *Backend) checkServer(ctx context.Context) error {
	var version int64
	var encoding string
	var replica bool
	err := b.transactSteps(ctx, false, step{
		text: `SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), pg_is_in_recovery()`,
		each: func(r *row) { version, encoding, replica = r.integer(), r.text(), r.truth() },
	})
	switch {
	case err != nil:
		return err
	case version < oldest:
		return contract.Permanent(fmt.Errorf("the server has version %d, and the backend needs %d or later: update it", version/10000, oldest/10000))
	case encoding != "UTF8":
		return contract.Permanent(fmt.Errorf("the database has the encoding %s: make one with UTF8", encoding))
	case replica:
		return fmt.Errorf("the server is a replica: %w: name the primary, or add target_session_attrs=read-write to the address", contract.ErrBackendUnavailable)
	}
	return nil
}
