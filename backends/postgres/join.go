package postgres

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// txKey is the key of a context's transaction, which has the type runStatement.
type txKey struct{}

// runStatement runs a statement in a transaction that is not ours.
type runStatement func(ctx context.Context, text string, values []any) error

// WithTx has a Publish with the context store its events in a transaction of yours: they are published if it commits, and never
// were if it does not. The transaction is one of the backend's database.
//
//	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
//		if _, err := tx.Exec(ctx, `INSERT INTO orders …`); err != nil {
//			return err
//		}
//		return spine.Publish(postgres.WithTx(ctx, tx), &OrderPlaced{…})
//	})
//
// Such a Publish only inserts rows, so that a transaction that stays open holds up no other, but for one that
// publishes an event of the same chosen id, or a unique event of the same name and key. And it does not wait while the
// backend is full. It does not tell duplicates in receipts. Consumers find the events within a tenth of a second after the
// commit. After an error the transaction can only be rolled back, as after any statement that failed.
func WithTx(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, txKey{}, runStatement(func(ctx context.Context, text string, values []any) error {
		_, err := tx.Exec(ctx, text, values...)
		return err
	}))
}

// WithSQLTx is WithTx for a transaction of database/sql whose driver is github.com/jackc/pgx/v5/stdlib.
func WithSQLTx(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{}, runStatement(func(ctx context.Context, text string, values []any) error {
		_, err := tx.ExecContext(ctx, text, values...)
		return err
	}))
}

// publishInside stores messages in the transaction of the context. joined reports whether there is one.
func (b *Backend) publishInside(ctx context.Context, msgs []contract.Message) (joined bool, err error) {
	run, joined := ctx.Value(txKey{}).(runStatement)
	if !joined {
		return false, nil
	}
	s := publishStep(msgs, &stored{})
	return true, b.explainError(ctx, run(ctx, b.statementText(s.text), s.values))
}
