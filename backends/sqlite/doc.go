// Package sqlite is the backend that needs no server: events wait in one file.
package sqlite
