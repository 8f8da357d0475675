package main

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // in Go, so nothing needs to be installed
)

//go:embed schema.sql
var schema string

// openDatabase opens a file, and makes the tables that it lacks. A writer waits for another one for up to five
// seconds.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	options := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: make tables: %w", path, err)
	}
	return db, nil
}

// inTransaction runs do, and commits its writes unless it fails.
func inTransaction(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // without effect after Commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
