// Command gatewayd is the gateway of the notifications as a process of its own, which several workers may talk
// to. It keeps the taken messages in a ledger: a folder with a file for each channel, where each message is a
// line with its key and its address. Taking such a file away breaks that channel, until the file is back.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/notifications/gateway"
)

const usage = `gatewayd takes e-mail over SMTP, SMS and push messages over HTTP, and keeps them in a ledger.

usage: gatewayd --ledger folder

It listens on free ports of 127.0.0.1, and prints where, as a shell reads it:

  GATEWAY=http://127.0.0.1:41783
  SMTP=127.0.0.1:36021

The folder has a file for each channel, with a line for each message. A channel whose file is
gone fails until it is back. Repeats are dropped as long as the process runs.

exit codes: 0 ended by Ctrl-C; 2 could not run.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runProgram(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// runProgram is main with its surroundings as arguments; it returns the exit code.
func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gatewayd", flag.ContinueOnError)
	dir := flags.String("ledger", "", "the `folder` of the ledger")
	words, err := cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return cli.ExitDone
	}
	if err == nil && (*dir == "" || len(words) > 0) {
		err = errors.New("need --ledger and a folder, and nothing else")
	}
	if err != nil {
		cli.Misuse(stderr, "gatewayd", err)
		return cli.ExitUsage
	}
	if err := serveMessages(ctx, *dir, stdout); err != nil {
		fmt.Fprintf(stderr, "gatewayd: %v\n", err)
		return cli.ExitUsage
	}
	return cli.ExitDone
}

// serveMessages takes messages until ctx ends.
func serveMessages(ctx context.Context, dir string, stdout io.Writer) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, channel := range []string{"email", "sms", "push"} {
		if err := appendMessage(dir, channel, "", os.O_CREATE); err != nil {
			return err
		}
	}
	g, err := gateway.Start(gateway.Options{Keep: func(m gateway.Message) error {
		return appendMessage(dir, m.Channel, m.Key+" "+m.To+"\n", 0)
	}})
	if err != nil {
		return err
	}
	defer g.Close()
	if _, err := fmt.Fprintf(stdout, "GATEWAY=%s\nSMTP=%s\n", g.URL(), g.MailAddr()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// appendMessage appends to the file of a channel.
func appendMessage(dir, channel, text string, flags int) error {
	f, err := os.OpenFile(filepath.Join(dir, channel), os.O_WRONLY|os.O_APPEND|flags, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
