//go:build race

package sqlite_test

// isRace says that the race detector is on, under which SQLite, which is Go here, is many times slower.
const isRace = true
