package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A caller asks of an error whether the command was carried out, because that decides what it may do next:
//
//	the server answered with an error    no, or as far as the script says: resp.HasCode tells which
//	the network failed (IsNetwork)       not known: only a harmless command is repeated
//	the backend gave up (LocalError)     not known, if it was sent at all
//	the answer was odd (ErrShape)        yes, by a server that this release does not understand
//
// Whether the server serves at all (IsUnavailable) decides whether a whole partition is put off.

// LocalError is an error of a call that the backend gave up by itself: no server was asked, or its answers
// lead nowhere. It says nothing about the server.
type LocalError struct {
	Text  string
	Later bool // the server could not be asked now, so that a later call may succeed
}

func (e *LocalError) Error() string { return e.Text }

// ErrAnotherServer is the error of a call that was not sent, because the term that it is for is over.
var ErrAnotherServer error = &LocalError{Text: "redis: the partition has another server now, or that one was started again"}

// ErrTooLarge ends an answer that is larger than was to be expected. Its entries are taken over
// in parts.
var ErrTooLarge error = errors.New("redis: an answer of more than 16 MiB with entries, which are read again in parts")

// errRetired is the error of a call whose clients were retired while it began.
var errRetired = errors.New("redis: the server of the partition has changed")

// PartitionError names the partition that an error is about.
type PartitionError struct {
	Number int
	Err    error
}

func (e *PartitionError) Error() string { return fmt.Sprintf("partition %d: %v", e.Number, e.Err) }
func (e *PartitionError) Unwrap() error { return e.Err }

// ExplainError turns an error into one line that says what to do about it, and names the partition where there
// are several. Errors that no repetition mends are marked as permanent, and those of a server that does not serve
// match contract.ErrBackendUnavailable.
func (n *Node) ExplainError(err error) error {
	explained := n.DescribeError(err)
	if explained == nil || !n.servers.hasSeveral() || errors.As(explained, new(*PartitionError)) ||
		errors.Is(explained, contract.ErrClosed) || isOnlyContext(explained) {
		return explained
	}
	return &PartitionError{n.number, explained}
}

// DescribeError is ExplainError for a text that names the partition already.
func (n *Node) DescribeError(err error) error { return markUnavailable(n.describeServer(err), err) }

// describeServer says in one line what an error of the server, or of the network, means.
func (n *Node) describeServer(err error) error {
	var dial *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrClosed) && n.isClosed():
		return contract.ErrClosed
	case resp.HasCode(err, "OOM"):
		return fmt.Errorf("%w: redis has reached its maxmemory: %w", contract.ErrBackendFull, err)
	case IsMoving(err):
		return fmt.Errorf("redis: the slot is being moved to another node of the cluster, and not all keys are there yet: %w", err)
	case resp.HasCode(err, "READONLY"):
		return fmt.Errorf("redis is a replica, which takes no writes: give the address of the primary: %w", err)
	case hasAnyCode(err, "WRONGPASS", "NOAUTH"):
		return contract.Permanent(fmt.Errorf("redis refuses the user name or password: check the URL, and %s: %w", environ.RedisPassword, err))
	case hasAnyCode(err, "NOPERM") || isRefusedScript(err):
		return contract.Permanent(fmt.Errorf("redis: the user may not do this: docs/redis.md lists the commands: %w", err))
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("redis cannot be reached: is redis-server running? %w", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("redis does not answer: is it busy, or is what listens there no Redis, or one behind TLS (rediss://)? %w", err)
	}
	if strings.HasPrefix(err.Error(), "redis") {
		return err
	}
	return fmt.Errorf("redis: %w", err)
}

// isRefusedScript reports whether the user may run the script, but not a command of it.
func isRefusedScript(err error) bool {
	return resp.HasCode(err, "ERR") && (strings.Contains(err.Error(), "The user executing the script can't") || // 7.0
		strings.Contains(err.Error(), "ACL failure in script")) // later
}

// unavailableError is an error of a server that could not be asked, or that serves no client now. It matches
// contract.ErrBackendUnavailable, and its text is that of the error inside.
type unavailableError struct{ err error }

func (e *unavailableError) Error() string        { return e.err.Error() }
func (e *unavailableError) Unwrap() error        { return e.err }
func (e *unavailableError) Is(target error) bool { return target == contract.ErrBackendUnavailable }

// markUnavailable marks an explained error when the error that it explains says so: of the network,
// unless the caller's own context ended, and of a server that starts, is cut off or was demoted.
func markUnavailable(explained, err error) error {
	if explained == nil || errors.Is(explained, contract.ErrBackendUnavailable) || errors.Is(explained, contract.ErrClosed) {
		return explained
	}
	if MayServeLater(err) {
		return &unavailableError{explained}
	}
	return explained
}

// MayServeLater reports whether an error says that the server of a partition cannot serve the call now.
func MayServeLater(err error) bool {
	var local *LocalError
	return IsUnavailable(err) || IsMoving(err) || resp.HasCode(err, "MOVED") || errors.As(err, &local) && local.Later
}

// IsUnavailable reports whether an error is that of a server which cannot be reached, or serves no client now.
func IsUnavailable(err error) bool {
	down := hasAnyCode(err, "LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "NOREPLICAS", "BUSY", "MISCONF")
	return down || IsNetwork(err) && !isOnlyContext(err) && !isLocal(err)
}

// IsNetwork reports whether the command may or may not have been carried out.
func IsNetwork(err error) bool {
	var answered resp.ServerError
	return err != nil && !errors.As(err, &answered) && !errors.Is(err, contract.ErrClosed) && !errors.Is(err, resp.ErrShape) &&
		!errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrAnotherServer)
}

// IsMoving reports whether a call was refused because the slot of the partition is being moved to another
// node of the cluster.
func IsMoving(err error) bool { return resp.HasCode(err, "TRYAGAIN", "ASK") }

// isLocal reports whether an error was made without asking the server.
func isLocal(err error) bool {
	return errors.As(err, new(*LocalError)) || errors.Is(err, contract.ErrFull) || errors.Is(err, contract.ErrBatchTooLarge) ||
		errors.Is(err, contract.ErrBackendFull)
}

// isContext reports whether an error is that of a context.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isOnlyContext reports whether an error is that of the caller's context, and names no error of the
// network beside it.
func isOnlyContext(err error) bool {
	return isContext(err) && !errors.As(err, new(*net.OpError)) && !errors.Is(err, io.EOF)
}

// hasAnyCode is resp.HasCode also for errors that go-redis has parsed, such as those of its handshake.
func hasAnyCode(err error, codes ...string) bool {
	if resp.HasCode(err, codes...) {
		return true
	}
	for _, code := range codes {
		if redis.HasErrorPrefix(err, code) {
			return true
		}
	}
	return false
}
