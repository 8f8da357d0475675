// Package cases holds the end-to-end cases of the generator: txtar files with the source of one or more
// packages, and either the diagnostics that necrogen renders for them, or the output of their program once it is
// generated and compiled. The test beside this file runs them; its flag -update rewrites the expectations.
package cases
