package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/necrostack/necrogen/runtime/contract"
)

// migrations hold one file for each format of the schema, in order. A released one is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// readMigrations returns the templates of the migrations: the first leads to format 1.
func readMigrations() (templates []string, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		template, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		templates = append(templates, string(template))
	}
	return templates, nil
}

// Schema returns the statements that make the schema of a namespace in its newest format, in one transaction, for an
// administrator who makes it where the programs' user may not. [Open] takes such a schema as it is. A schema that has tables of
// the same names stays as it was.
func Schema(namespace string) (string, error) {
	if err := WithNamespace(namespace)(&config{}); err != nil {
		return "", err
	}
	templates, err := readMigrations()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("BEGIN;\nCREATE SCHEMA IF NOT EXISTS %q;\n\n%s\nUPDATE {meta} SET value = %d WHERE name = 'format';\nCOMMIT;\n\n"+
		"-- The user of the programs needs:\n-- GRANT USAGE ON SCHEMA %q TO ...;\n"+
		"-- GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %q TO ...;\n-- GRANT USAGE ON ALL SEQUENCES IN SCHEMA %q TO ...;\n",
		namespace, strings.Join(templates, "\n"), len(templates), namespace, namespace, namespace)
	return expandTables(namespace, text), nil
}

// migrateSchema makes the schema, or brings an older one up to date. Processes that open the namespace at a time wait for each
// other.
func (b *Backend) migrateSchema(ctx context.Context, tx pgx.Tx) error {
	templates, err := readMigrations()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, b.locks, lockBindings); err != nil {
		return err
	}
	format, err := b.readFormat(ctx, tx)
	switch {
	case err != nil:
		return err
	case format > len(templates):
		return contract.Permanent(fmt.Errorf("the format of the schema %s is %d, and this program knows formats up to %d: update the program", b.namespace, format, len(templates)))
	}
	for _, template := range templates[format:] {
		if _, err := tx.Exec(ctx, expandTables(b.namespace, template)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, expandTables(b.namespace, `UPDATE {meta} SET value = $1 WHERE name = 'format' AND value < $1`), len(templates))
	return err
}

// readFormat returns the format of the schema, 0 for one that is empty. It makes a schema that is missing, but for
// [OpenExisting], and refuses one that is not ours.
func (b *Backend) readFormat(ctx context.Context, tx pgx.Tx) (format int, err error) {
	var exists, ours bool
	var tables int
	err = tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL, to_regclass($1 || '.meta') IS NOT NULL,
		(SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1))`, `"`+b.namespace+`"`).Scan(&exists, &ours, &tables)
	switch {
	case err != nil:
		return 0, err
	case b.existing && !ours:
		return 0, contract.Permanent(fmt.Errorf("there is no backend in the schema %s: no program has opened it", b.namespace))
	case !exists:
		_, err := tx.Exec(ctx, `CREATE SCHEMA "`+b.namespace+`"`)
		return 0, err
	case ours:
		err := tx.QueryRow(ctx, expandTables(b.namespace, `SELECT value FROM {meta} WHERE name = 'format'`)).Scan(&format)
		return format, err
	case tables > 0:
		return 0, contract.Permanent(fmt.Errorf("the schema %s holds the tables of another program: choose another namespace", b.namespace))
	}
	return 0, nil
}
