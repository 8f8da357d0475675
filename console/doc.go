// Package console shows a backend's organs to people, as web pages: what flows, what is stuck, and why. It works over the
// interfaces of the contract, on any engine:
//
//	mux.Handle("/console/", console.New(backend, console.WithAuthenticator(users)))
//
// Pages are made by the server, work without JavaScript, and load nothing from elsewhere. All bytes that come from the
// backend are hostile: they are masked, freed of characters that are not printable, and escaped.
//
// A page never asks the backend by itself. It reads through a store of short-lived answers, which all pages share: 50 open
// pages cost the backend what one costs, and pages that nobody opens cost nothing.
//
//	console.go   New, Serve and their options
//	access.go    who sends a request; the rule for a console without an authenticator
//	users.go     basic authentication by a file of users
//	guard.go     what every answer and every request goes through: headers, sizes, tokens
//	shared.go    answers of the backend that pages share
//	reads.go     what pages read of the backend
//	pages.go     one function for each page
//	topology.go  the drawing of the overview
//	letters.go   dead letters as pages show them
//	text.go      stored texts and payloads as pages show them
//	actions.go   what a form does, and its audit line
//	assets       templates, the style and the script
package console
