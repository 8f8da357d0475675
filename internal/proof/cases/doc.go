// Package cases holds the end-to-end cases of the generator: txtar files with the source of
// one or more packages, and either the diagnostics that necrogen renders for them, or what
// their program prints once it is generated and compiled. The test beside this file runs them;
// its flag -update rewrites what is expected.
package cases
