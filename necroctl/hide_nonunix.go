//go:build !unix

package necroctl

import (
	"errors"
	"os"
)

// hideTyping returns an error, because a password on the screen is worse than no prompt for it.
func hideTyping(*os.File) (show func(), err error) {
	return nil, errors.New("the password cannot be hidden on this terminal: put it into NECRO_REDIS_URL, or pipe it in")
}
