//go:build !unix

package postgrestest

import "syscall"

// account is who a server runs as: the user of this process.
type account struct{}

func findAccount() (account, error) { return account{}, nil }

func (account) own(...string) error { return nil }

func (account) attributes() *syscall.SysProcAttr { return nil }
