// Package necroctl holds the work of an operator with the events of a backend, as a command that a program can have
// among its own: cmd/necroctl is nothing but this package. It works over the interfaces of the
// contract, on any engine: contract.Admin and contract.ScheduleAdmin change, contract.Inspector shows.
//
//	ctl := necroctl.Command{Name: "shop admin", Backend: backend}
//	os.Exit(ctl.Run(ctx, os.Args[2:])) // shop admin dead ls
//
// Without a Backend the command opens the one that flags and environment name, by an [Opener]: a command for other engines
// than Redis gives its own.
//
// It knows no types of events: JSON and MessagePack are turned into each other as they are. What
// the verbs do with a backend are methods of these interfaces, for programs of another form.
//
//	command.go     finds the verb, reads its flags, opens the backend
//	open.go        which backend; openredis.go is the only file that knows an engine
//	verbs.go       the verbs and their help; each family of verbs has a file
//	output.go      tables for people, JSON for scripts
//	confirm.go     asks before something is lost
//	console.go     web pages, which another package serves
//	letters.go     finds dead letters by organ, event, reason and age
//	tojson.go      MessagePack to JSON; fromjson.go is the opposite
package necroctl
