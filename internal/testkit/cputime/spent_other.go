//go:build !unix

package cputime

import "time"

var start = time.Now()

// spent returns the time that has passed so far, because this system tells of no processor time in the same way.
func spent() time.Duration { return time.Since(start) }
