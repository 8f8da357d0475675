package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Codes of the server's errors, of which the first two characters are the class.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeDiskFull      = "53100"
	codePrivilege     = "42501"
	codeReadOnly      = "25006"
	codeNoTable       = "42P01"
	codeNoSchema      = "3F000"
	codeNoDatabase    = "3D000"
	classAccount      = "28"
	classDamaged      = "XX"
)

// codeOf returns the server's code of an error, and an empty text when it is none of the server.
func codeOf(err error) string {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		return failed.Code
	}
	return ""
}

// explainError says what an error means to the caller with a context: whether it passes, and what to do. What the driver says of
// a server that it cannot reach names host, user and database, and no password.
func (b *Backend) explainError(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, contract.ErrClosed) || errors.Is(err, contract.ErrBackendUnavailable) || contract.IsPermanent(err) {
		return err
	}
	if b.closed.Load() {
		return contract.ErrClosed
	}
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	if what := explainTLS(err); what != "" {
		return fmt.Errorf("postgres %s: %s: %w: %w", b.namespace, what, contract.ErrBackendUnavailable, err)
	}
	code := codeOf(err)
	unavailable := func(what string) error {
		return fmt.Errorf("postgres %s: %s: %w: %s", b.namespace, what, contract.ErrBackendUnavailable, err)
	}
	permanent := func(what string) error {
		return contract.Permanent(fmt.Errorf("postgres %s: %s: %w", b.namespace, what, err))
	}
	switch {
	case code == codeDiskFull:
		return errors.Join(unavailable("no room is left on the server's disk: make some, nothing that was stored is lost"), contract.ErrBackendFull)
	case code == codePrivilege:
		return permanent("the user lacks a right: it needs to own the schema, or CREATE on the database to make it")
	case code == codeNoTable, code == codeNoSchema:
		return permanent("a table is missing: the schema was removed or altered: open the backend again, or restore it")
	case code == codeNoDatabase, strings.HasPrefix(code, classAccount):
		return permanent("the server does not let this user in: check user, password and database of the address")
	case code == codeReadOnly:
		return unavailable("the server takes no writes: it is a replica, or was set to read only")
	case isCollision(err):
		return unavailable("other transactions got in the way again and again")
	case strings.HasPrefix(code, classDamaged):
		return unavailable("the server reports an internal error: look at its log")
	}
	return unavailable("a call failed")
}

// refusedTLS is what the driver says, without a type, when the server answers that it has no TLS.
const refusedTLS = "server refused TLS connection"

// explainTLS says why there is no TLS connection with the server, and what to do. It returns an empty text for an error of another
// kind. None is permanent, because a server gets another certificate, or other settings, while the processes go on.
func explainTLS(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the server's certificate is for another name: use a host of the address that is in the certificate"
	}
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err) // of sslmode=verify-ca, which the driver verifies itself
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case unverified, unknown, invalid:
		return "the server's certificate cannot be verified: sslrootcert of the address has to name the file of the authority that signed it, and it must not have expired"
	case strings.Contains(err.Error(), refusedTLS):
		return "the server talks no TLS, which sslmode of the address demands: set ssl = on there"
	}
	return ""
}
