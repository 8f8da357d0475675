//go:build !race

package sqlite_test

// isRace says that the race detector is on.
const isRace = false
