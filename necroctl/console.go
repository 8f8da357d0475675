package necroctl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"

	"github.com/necrostack/necrogen/runtime/contract"
)

// ConsoleServer serves web pages over a backend until ctx is done, and closes the listener.
type ConsoleServer func(ctx context.Context, l net.Listener, b contract.Backend, o ConsoleOptions) error

// ConsoleOptions are what the flags of the verb console say.
type ConsoleOptions struct {
	Actions    bool   // those who see the pages may change what is stored
	UsersFile  string // of basic authentication; empty for none
	UserHeader string // in which a proxy on this machine names the user; empty for none
}

func consoleFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8088", "`address` of the pages; with port 0 a free one is chosen")
	flags.BoolVar(&o.console.Actions, "actions", false, "let those who see the pages change what is stored")
	flags.StringVar(&o.console.UsersFile, "users", "", "show the pages to the users of this `file`, as htpasswd -nB writes its lines")
	flags.StringVar(&o.console.UserHeader, "user-header", "", "take the user from this `header`, which a proxy on this machine sets")
}

// serveConsole serves the pages until the command is interrupted.
func (r *run) serveConsole([]string) int {
	if r.consoleServer == nil {
		return r.tellFailure(errors.New("this command has no pages: set Console of necroctl.Command, or mount console.New in the program"))
	}
	if r.console.UsersFile != "" && r.console.UserHeader != "" {
		return r.tellMisuse(errors.New("-users and -user-header say in two ways who the user is: choose one"))
	}
	l, err := net.Listen("tcp", r.listen)
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprintf(r.out, "http://%s/\n", l.Addr())
	if err := r.consoleServer(r.ctx, l, r.backend, r.console); err != nil && r.ctx.Err() == nil {
		return r.tellFailure(err)
	}
	return ExitDone
}
