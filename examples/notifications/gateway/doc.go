// Package gateway stands in for the gateways of a notification service: a mail server that speaks SMTP, and a
// gateway for SMS and push messages that speaks HTTP. Both listen on 127.0.0.1. They fail as often, and answer
// as slowly, as they are told; repeated messages they drop.
//
//	gateway.go   starting, stopping, the taken messages
//	faults.go    the faults
//	http.go      SMS and push
//	smtp.go      e-mail; session.go is one connection
package gateway
