// Package console shows a backend's organs to people, as web pages: events that flow, events that are stuck, and the reason. It
// works over the interfaces of the contract, on any engine:
//
//	mux.Handle("/console/", console.New(backend, console.WithAuthenticator(users)))
//
// Pages are made by the server, work without JavaScript, and load nothing from elsewhere. All bytes that come from the
// backend are hostile: they are masked, freed of characters that are not printable, and escaped.
//
// A page never asks the backend by itself. It reads through a store of short-lived answers, which all pages share: 50 open
// pages cost the backend as much as one page, and a console without open pages costs nothing.
//
//	console.go   New, Serve and their options
//	access.go    the user of a request; the rule for a console without an authenticator
//	users.go     basic authentication by a file of users
//	guard.go     checks of every request, headers of every answer: sizes, methods, tokens
//	shared.go    answers of the backend that pages share
//	reads.go     the reads of the backend that pages need
//	pages.go     one function for each page
//	topology.go  the drawing of the overview
//	letters.go   dead letters as pages show them
//	causes.go    what dead letters have in common
//	chain.go     the tree of a chain
//	states.go    the states of an organ
//	text.go      stored texts and payloads as pages show them
//	actions.go   the actions of forms, and their audit lines
//	assets       templates, the style and the script
package console
