// Package readme holds README.md to its word: its test follows the quick start step by step
// in a module outside of this repository.
package readme
