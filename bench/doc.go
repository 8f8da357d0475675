// Command bench measures NecroStack beside what one would use otherwise: the floor, which
// is what hand-written code with no framework does, and other libraries.
//
//	go run ./bench          # the tables
//	go run ./bench -short   # one short round of everything: does it still run?
//	go test -bench . -cpuprofile cpu.out ./bench
//
// The Redis contests start a redis-server of their own, which must be in PATH.
//
// Machines are shared and noisy, so no verdict rests on an absolute number: contestants
// take turns, round by round in one process, and what counts is the median of the ratios
// of the rounds. It is a module of its own, so that the others' dependencies stay out of
// what users import.
package main
