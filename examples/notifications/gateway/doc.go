// Package gateway stands in for what a notification service talks to: a mail server that speaks
// SMTP, and a gateway for SMS and push messages that speaks HTTP. Both listen on 127.0.0.1. They
// fail as often, and answer as slowly, as they are told; what comes again they drop.
//
//	gateway.go   starting, stopping, what was taken
//	faults.go    what goes wrong
//	http.go      SMS and push
//	smtp.go      e-mail; session.go is one connection
package gateway
