//go:build !unix

package necroctl

import (
	"errors"
	"os"
)

// hide refuses: a password that is seen is worse than none.
func hide(*os.File) (show func(), err error) {
	return nil, errors.New("it cannot be hidden on this terminal: put it into NECRO_REDIS_URL, or pipe it in")
}
