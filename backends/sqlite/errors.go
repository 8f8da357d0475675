package sqlite

import (
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
	engine "modernc.org/sqlite"
)

// Result codes of SQLite, without their details.
const (
	codePerm     = 3
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
)

// codeOf returns SQLite's code of an error, and 0 when it is none of SQLite.
func codeOf(err error) int {
	if failed, ok := errors.AsType[*engine.Error](err); ok {
		return failed.Code() & 0xff
	}
	return 0
}

// isBusy reports whether another connection holds the lock that a statement needs.
func isBusy(err error) bool { return codeOf(err) == codeBusy || codeOf(err) == codeLocked }

// explainError says what an error of the file means to a caller: whether it passes, and what to do.
func (b *Backend) explainError(err error) error {
	if err == nil || errors.Is(err, contract.ErrClosed) || errors.Is(err, contract.ErrBackendUnavailable) || contract.IsPermanent(err) {
		return err
	}
	unavailable := func(what string) error {
		return fmt.Errorf("sqlite %s: %s: %w: %w", b.path, what, contract.ErrBackendUnavailable, err)
	}
	permanent := func(what string) error { return contract.Permanent(fmt.Errorf("sqlite %s: %s: %w", b.path, what, err)) }
	switch codeOf(err) {
	case codeFull:
		return errors.Join(unavailable("no room is left on its disk: make some, nothing that was stored is lost"), contract.ErrBackendFull)
	case codeBusy, codeLocked:
		return unavailable("another process has held the lock of the file for too long: look for one that is stopped, or a shell with an open transaction")
	case codeReadOnly, codePerm:
		return permanent("the file or its directory may not be written: give this user the right to")
	case codeCorrupt, codeNotADB:
		return permanent("it is damaged, or no database: restore a copy, or try the .recover command of the sqlite3 shell")
	case codeCantOpen:
		return unavailable("it cannot be opened: look at the rights of its directory and at the limit of open files")
	}
	return unavailable("a call failed")
}
