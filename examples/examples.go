// Package examples holds programs that run. The smallest is what necrogen init writes.
package examples

import "embed"

// Hello is the folder hello.
//
//go:embed hello/main.go hello/main_test.go
var Hello embed.FS
