package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Job is work to be done.
//
//necro:event JOB
type Job struct {
	Number int `msgpack:"number" validate:"gte=1"`
}

// JobDone is the receipt for a job.
//
//necro:event JOB_DONE
type JobDone struct {
	Number int `msgpack:"number" validate:"gte=1"`
	Worker int `msgpack:"worker"` // process id
}

// Worker does jobs. It keeps no state, so any number of processes may run it. Events that are
// packed go to one process together: jobs that take long are better stored one by one.
//
//necro:organ worker concurrency=4 pack=1
type Worker struct {
	takes time.Duration
	out   io.Writer // tells of each job
}

// Do does a job.
//
//necro:handle
func (w *Worker) Do(ctx context.Context, j *Job) (*JobDone, error) {
	select {
	case <-time.After(w.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if _, err := fmt.Fprintln(w.out, "job", j.Number); err != nil {
		return nil, err
	}
	return &JobDone{Number: j.Number, Worker: os.Getpid()}, nil
}

// Receipts takes the receipts and counts them. It does so in memory, hence exclusive: one
// process at a time runs it. It counts a receipt once, however often that is delivered.
//
//necro:organ receipts exclusive
type Receipts struct {
	jobs    map[necro.ID]necro.ID // by receipt
	workers map[int]int           // receipts of each
}

// NewReceipts returns an organ that has no receipts.
func NewReceipts() *Receipts {
	return &Receipts{jobs: map[necro.ID]necro.ID{}, workers: map[int]int{}}
}

// Take takes a receipt. The event that caused it is the job.
//
//necro:handle
func (r *Receipts) Take(ctx context.Context, d *JobDone) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errors.New("not called by a spine")
	}
	if _, again := r.jobs[meta.ID]; !again {
		r.jobs[meta.ID] = meta.Causation
		r.workers[d.Worker]++
	}
	return nil
}
