// Package redistest starts real redis servers for tests, the benchmarks and the fault harness.
// It needs redis-server in PATH: apt-get install redis-server. Where it is missing tests fail;
// none is skipped.
//
//	server.go       one server: start, kill, restart, freeze
//	process.go      its process
//	process_*.go    the differences between operating systems
//	shared.go       one server for the whole test binary, and namespaces in it
//	sentinel.go     a primary, a replica and their sentinel
//	cluster.go      three nodes
//	order.go        commands to those, and waiting for their effects
//	proxy.go        a proxy that cuts, delays, slows, refuses, and loses replies
//	link.go         one connection through it
//	resp.go         just enough of the protocol
package redistest
