package main

import (
	"context"
	"net"

	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

// serveConsole serves the pages of package console, as the flags of the verb say.
func serveConsole(ctx context.Context, l net.Listener, b contract.Backend, o necroctl.ConsoleOptions) error {
	var options []console.Option
	if o.Actions {
		options = append(options, console.WithActions(nil))
	}
	switch {
	case o.UsersFile != "":
		users, err := console.BasicAuthFile(o.UsersFile)
		if err != nil {
			l.Close()
			return err
		}
		options = append(options, console.WithAuthenticator(users))
	case o.UserHeader != "":
		options = append(options, console.WithAuthenticator(console.TrustedHeader(o.UserHeader)))
	}
	return console.Serve(ctx, l, b, options...)
}
