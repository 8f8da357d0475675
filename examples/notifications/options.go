package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/notifications/gateway"
)

const usage = `notifications tells users things by e-mail, SMS and push message: it validates, routes, sends,
and tells what became of each delivery.

usage: notifications [flags] [file…]
       notifications --publish [flags] [file…]   stores them in Redis, and leaves them to workers
       notifications --work [flags]              is a worker, until Ctrl-C: any number of them

A file holds notifications as CSV with a header, as a JSON array or as one JSON object a line;
- is standard input. The columns are

  user_id          who is told
  channels         email, sms, push, or several, separated by |
  message          what
  priority         low, normal or high; empty for normal
  notification_id  a number; optional, by default the number of the record

Without files there is a prompt when you are at a terminal (help lists its commands), and
otherwise the sample notifications are sent. A line that is wrong is reported, and the rest goes on.

E-mail speaks SMTP to --smtp, SMS and push speak HTTP to --gateway: a POST to URL/sms or URL/push
of a JSON object with to, message and priority, under an Idempotency-Key. Where one is not given,
a server inside of this program stands in for it: nothing leaves your machine. That one fails and
dawdles as the flags say.

What fails is tried again, later when the gateway says so (Retry-After); after many failures in a
row a channel pauses. What is refused for good, a blocked number for one, is a dead letter at once.

With --redis all events wait in Redis; the totals of the report are in memory all the same. What
a run that was killed left in Redis is finished first. One run at a time, but for --publish and
--work, which make no report: necroctl tells the rest. Policies may be changed by the environment,
as in NECRO_SMS_RETRY=3.

examples:
  notifications - < /dev/null                 says what is wrong with an empty input
  notifications orders.csv more.json          notifications from files, in this order
  notifications --interactive                 a prompt
  notifications --failures 0.5 --log-level warn orders.csv
                                              with gateways that often fail, and every retry shown
  notifications --down 3s orders.csv          with gateways that come back after 3 seconds
  notifications --smtp localhost:1025 --gateway http://localhost:8080 orders.csv
                                              with servers of your own
  notifications --stress 100000               random notifications, as fast as possible

exit codes: 0 done, and dead letters are in the report; 1 done, but a line was wrong or something
was lost; 2 could not run; 130 interrupted: what had been taken in was finished.

flags:
`

// options are what the command line says.
type options struct {
	files       []string
	interactive bool
	publish     bool
	work        bool
	stress      uint64
	usersFile   string
	users       *Directory
	smtp, from  string
	gateway     string
	seed        uint64
	failures    float64
	latency     time.Duration
	blocked     []string
	down        time.Duration
	keep        func(gateway.Message) error // for tests
	show        int
	audit       string
	redis       string
	log         *slog.Logger
}

// blockedByDefault is the phone of a sample user.
const blockedByDefault = "+15550100013"

// parseOptions reads the command line. It has written a mistake, or the help, already.
func parseOptions(args []string, stdout, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("notifications", flag.ContinueOnError)
	rest := o.defineFlags(flags)
	var err error
	o.files, err = cli.ParseOrHelp(flags, args, usage, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil, err
	}
	if err == nil {
		o.blocked = strings.FieldsFunc(*rest.blocked, func(c rune) bool { return c == ',' || c == ' ' })
		o.log, err = cli.Logger(stderr, *rest.format, *rest.level)
		err = errors.Join(err, o.checkValues())
	}
	if err != nil {
		cli.Misuse(stderr, "notifications", err)
		return nil, err
	}
	if o.stress > 0 {
		o.setFast(flags)
	}
	return o, nil
}

// texts are flags that are to be read further.
type texts struct{ format, level, blocked *string }

// defineFlags declares the flags.
func (o *options) defineFlags(flags *flag.FlagSet) texts {
	flags.BoolVar(&o.interactive, "interactive", false, "show a prompt; the default at a terminal without files")
	flags.BoolVar(&o.publish, "publish", false, "store notifications in Redis, and leave them to workers")
	flags.BoolVar(&o.work, "work", false, "work on what is in Redis, until Ctrl-C")
	flags.Uint64Var(&o.stress, "stress", 0, "send this many random `notifications` instead of files")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of all that is random")
	flags.StringVar(&o.usersFile, "users", "", "CSV `file` with user_id, email, phone and device; without it the sample users are known, and addresses are made up for all others")
	flags.StringVar(&o.smtp, "smtp", "", "send e-mail through the mail server at this `host:port`, without a login (default one inside of this program)")
	flags.StringVar(&o.from, "from", "shop@example.com", "`address` that e-mail comes from")
	flags.StringVar(&o.gateway, "gateway", "", "send SMS and push messages to this `URL` (default a gateway inside of this program)")
	flags.Float64Var(&o.failures, "failures", 0.2, "share of the calls to the built-in gateway that fail; 0 under --stress")
	flags.DurationVar(&o.latency, "latency", 20*time.Millisecond, "longest answer of the built-in gateway; 0 under --stress")
	flags.DurationVar(&o.down, "down", 0, "the built-in gateway is down for this `time` at first")
	flags.IntVar(&o.show, "show", 20, "latest deliveries to show, and rejected notifications, and dead letters")
	flags.StringVar(&o.audit, "audit", "", "write every event as a line of JSON to this `file`")
	cli.RedisFlag(flags, &o.redis)
	return texts{
		flags.String("log-format", "text", "how to log: text or json"),
		flags.String("log-level", "error", "what to log: debug, info, warn (with retries) or error"),
		flags.String("blocked", blockedByDefault, "`addresses` that the built-in gateway refuses, separated by commas"),
	}
}

func (o *options) checkValues() error {
	var errs []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	wrong(o.stress > 0 && (o.interactive || len(o.files) > 0), "--stress takes no files, and has no prompt")
	wrong(o.interactive && len(o.files) > 0, "--interactive takes no files")
	wrong(o.publish && (o.work || o.interactive), "--publish has no prompt, and leaves --work to others")
	wrong(o.work && (o.stress > 0 || o.interactive || len(o.files) > 0), "--work takes no notifications: it works on what --publish stores")
	wrong((o.publish || o.work) && o.audit != "", "--publish and --work write no --audit")
	wrong((o.publish || o.work) && cmp.Or(o.redis, os.Getenv(redisstream.EnvURL)) == "",
		"--publish and --work need --redis redis://localhost:6379/0, or the URL in "+redisstream.EnvURL)
	wrong(o.failures < 0 || o.failures > 1, "--failures %g: need a share from 0 to 1", o.failures)
	wrong(o.latency < 0 || o.down < 0 || o.show < 0, "--latency, --down and --show are not negative")
	if o.smtp != "" {
		_, port, err := net.SplitHostPort(o.smtp)
		wrong(err != nil || port == "", "--smtp %s: need a host and a port, as in localhost:25", o.smtp)
	}
	if o.gateway != "" {
		u, err := url.Parse(o.gateway)
		wrong(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", "--gateway %s: need a URL, as in http://localhost:8080", o.gateway)
	}
	a, err := mail.ParseAddress(o.from)
	wrong(err != nil || a.Address != o.from, "--from %s: need an address, as in shop@example.com", o.from)
	return errors.Join(errs...)
}

// setFast takes the waiting out of a stress run, and shortens its report, where nothing else was
// asked for.
func (o *options) setFast(flags *flag.FlagSet) {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if !given["latency"] {
		o.latency = 0
	}
	if !given["failures"] {
		o.failures = 0
	}
	if !given["show"] {
		o.show = 5
	}
}
