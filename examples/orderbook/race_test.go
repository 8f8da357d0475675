//go:build race

package main

// raceDetector says that the tests run under the race detector, where all takes ten times
// as long: those whose size is a matter of choice are smaller.
const raceDetector = true
