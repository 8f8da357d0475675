package main

//go:generate go tool necrogen

// Job is one unit of work. A source numbers the jobs of each key from 0, and publishes one after the
// other.
//
//necro:event FIELD_JOB key=Key
type Job struct {
	Source string `msgpack:"source" validate:"required"`
	Key    string `msgpack:"key" validate:"required"`
	N      int    `msgpack:"n" validate:"gte=0"`
	Pad    []byte `msgpack:"pad"` // makes an event large
}

// Done says that a job was worked on. By is drawn by the call that emits it: two of them for one job mean
// that two calls counted.
//
//necro:event FIELD_DONE key=Key
type Done struct {
	Source string `msgpack:"source" validate:"required"`
	Key    string `msgpack:"key" validate:"required"`
	N      int    `msgpack:"n" validate:"gte=0"`
	By     uint64 `msgpack:"by" validate:"required"`
}
