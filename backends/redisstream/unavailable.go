package redisstream

import (
	"errors"
	"io"
	"net"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

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
	if mayServeLater(err) {
		return &unavailableError{explained}
	}
	return explained
}

// mayServeLater reports whether an error says that the server of a partition cannot serve the call now.
func mayServeLater(err error) bool {
	return isUnavailable(err) || isMoving(err) || resp.HasCode(err, "MOVED") || errors.Is(err, errLate)
}

// isUnavailable reports whether an error is that of a server which cannot be reached, or serves no client now.
func isUnavailable(err error) bool {
	down := isCode(err, "LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "NOREPLICAS", "BUSY", "MISCONF")
	return down || isNetwork(err) && !isOnlyContext(err) && !isLocal(err)
}

// isOnlyContext reports whether an error is that of the caller's context, and names no error of the
// network beside it.
func isOnlyContext(err error) bool {
	return isContext(err) && !errors.As(err, new(*net.OpError)) && !errors.Is(err, io.EOF)
}

// isLocal reports whether an error was made by this package without asking the server.
func isLocal(err error) bool {
	return errors.Is(err, errStale) || errors.Is(err, errAnotherServer) || errors.Is(err, errLate) || errors.Is(err, contract.ErrFull) || errors.Is(err, contract.ErrBatchTooLarge) || errors.Is(err, contract.ErrBackendFull)
}
