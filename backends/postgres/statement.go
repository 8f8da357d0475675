package postgres

import (
	"context"
	"errors"
	"math"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// tables are the names in braces of a statement's template.
var tables = regexp.MustCompile(`\{([a-z]+)\}`)

// expandTables puts the schema in front of the names that stand in braces. Its name holds no quotes: see namespaces.
func expandTables(namespace, template string) string {
	return tables.ReplaceAllString(template, `"`+namespace+`".$1`)
}

// statementText returns the statement of a template.
func (b *Backend) statementText(template string) string {
	if found, ok := b.texts.Load(template); ok {
		return found.(string)
	}
	text := expandTables(b.namespace, template)
	b.texts.Store(template, text)
	return text
}

// step is a statement of a transaction.
type step struct {
	text   string // a template
	values []any
	each   func(r *row) // called for each row; may be nil
}

// transactSteps runs statements as one transaction, in one round trip: each sees the commits from before it began. A
// transaction that lazy allows to be lost may be lost in a crash of the server, as a whole. One that failed because of
// another transaction runs again.
func (b *Backend) transactSteps(ctx context.Context, lazy bool, steps ...step) error {
	return b.retryCollisions(ctx, func(ctx context.Context) error { return b.runSteps(ctx, lazy, steps) })
}

func (b *Backend) runSteps(ctx context.Context, lazy bool, steps []step) (err error) {
	conn, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // closes a connection that is left inside of a transaction
	batch := &pgx.Batch{}
	for _, text := range b.beginTexts() {
		batch.Queue(text)
	}
	if lazy {
		batch.Queue(`SET LOCAL synchronous_commit = off`)
	}
	b.queueSteps(batch, steps)
	batch.Queue(`COMMIT`)
	results := conn.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for range batch.Len() - len(steps) - 1 {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	if err := readSteps(results, steps); err != nil {
		return err
	}
	_, err = results.Exec()
	return err
}

func (b *Backend) queueSteps(batch *pgx.Batch, steps []step) {
	for _, s := range steps {
		batch.Queue(b.statementText(s.text), s.values...)
	}
}

// readSteps reads the answers to statements.
func readSteps(results pgx.BatchResults, steps []step) error {
	for _, s := range steps {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		if err := readRows(rows, s.each); err != nil {
			return err
		}
	}
	return nil
}

// runInside runs statements in a transaction that is open already, in one round trip.
func (b *Backend) runInside(ctx context.Context, tx pgx.Tx, steps ...step) (err error) {
	batch := &pgx.Batch{}
	b.queueSteps(batch, steps)
	results := tx.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	return readSteps(results, steps)
}

// runTransaction runs a transaction of several round trips. run may be called several times: it begins by resetting its
// results.
func (b *Backend) runTransaction(ctx context.Context, run func(ctx context.Context, tx pgx.Tx) error) error {
	return b.retryCollisions(ctx, func(ctx context.Context) error {
		begin := pgx.TxOptions{BeginQuery: strings.Join(b.beginTexts(), "; ")}
		return pgx.BeginTxFunc(ctx, b.pool, begin, func(tx pgx.Tx) error { return run(ctx, tx) })
	})
}

// attempts is how often a transaction is tried that others got in the way of.
const attempts = 5

// retryCollisions runs a transaction, within the patience, until no other transaction gets in its way.
func (b *Backend) retryCollisions(ctx context.Context, run func(ctx context.Context) error) (err error) {
	bounded, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	for range attempts {
		if err = run(bounded); !isCollision(err) {
			break
		}
	}
	return b.explainError(ctx, err)
}

// isCollision reports whether the server has ended a transaction because of another one.
func isCollision(err error) bool {
	code := codeOf(err)
	return code == codeSerialization || code == codeDeadlock
}

// row reads the columns of a row one after the other. Any user of the database may have written them: so a NULL is a zero
// value, and numbers have ranges.
type row struct {
	values []any
	at     int
}

// readRows calls a function for each row.
func readRows(rows pgx.Rows, each func(r *row)) error {
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		if each != nil {
			each(&row{values: values})
		}
	}
	return rows.Err()
}

func (r *row) nextColumn() any {
	v := r.values[r.at]
	r.at++
	return v
}

func (r *row) integer() int64 {
	switch v := r.nextColumn().(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	}
	return 0
}

// between reads an integer, and takes the nearest one that is in range.
func (r *row) between(least, most int64) int64 { return max(least, min(r.integer(), most)) }

// count reads an integer that is not negative.
func (r *row) count() int64 { return r.between(0, math.MaxInt64) }

func (r *row) truth() bool {
	v, _ := r.nextColumn().(bool)
	return v
}

func (r *row) text() string {
	v, _ := r.nextColumn().(string)
	return v
}

// bytes reads bytes, which the caller may keep; nil for a NULL.
func (r *row) bytes() []byte {
	v, _ := r.nextColumn().([]byte)
	return v
}

// listOf reads an array. Elements of another type are left out.
func listOf[T any](r *row) (all []T) {
	values, _ := r.nextColumn().([]any)
	for _, v := range values {
		if v, ok := v.(T); ok {
			all = append(all, v)
		}
	}
	return all
}
