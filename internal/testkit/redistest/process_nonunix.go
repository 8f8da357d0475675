//go:build !unix

package redistest

import (
	"errors"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

func stopProcess(*serverprocess.Process) error   { return errors.ErrUnsupported }
func resumeProcess(*serverprocess.Process) error { return errors.ErrUnsupported }
