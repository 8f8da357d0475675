// Package modproxy is what tests download modules from: a folder in the form in which GOPROXY
// takes it by file://, so that no test needs a network.
package modproxy
