// Package postgrestest starts PostgreSQL servers for tests: each in a folder of its own, on a free port of 127.0.0.1. The
// programs initdb and postgres are looked for in PATH and where Debian puts them. They refuse to run as root, so that a
// root test runs them as the system user postgres.
package postgrestest
