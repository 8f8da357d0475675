package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

//go:embed testdata/orders.csv
var sample string

// source is one input.
type source struct {
	name string
	io.ReadCloser
}

// open opens all inputs before anything is done, so that a missing file is told at once.
func open(ctx context.Context, files []string, stdin io.Reader) ([]source, error) {
	if len(files) == 0 {
		return []source{{"sample orders", io.NopCloser(strings.NewReader(sample))}}, nil
	}
	var list []source
	for _, name := range files {
		if name == "-" {
			list = append(list, source{"standard input", interruptible(ctx, stdin)})
			continue
		}
		f, err := cli.OpenFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, source{name, f})
	}
	return list, nil
}

// interruptible reads from a terminal or a pipe, and stops waiting for it when ctx ends.
func interruptible(ctx context.Context, in io.Reader) io.ReadCloser {
	out, to := io.Pipe()
	context.AfterFunc(ctx, func() { to.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(to, in)
		to.CloseWithError(err)
	}()
	return out
}

// feed publishes the orders of its sources, one after the other.
type feed struct {
	x       *exchange
	sources []source
	report  io.Writer // takes bad lines
	records uint64
	bad     int
}

// run publishes until the sources or ctx end.
func (f *feed) run(ctx context.Context) error {
	for _, src := range f.sources {
		if err := errors.Join(f.read(ctx, src), src.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (f *feed) read(ctx context.Context, src source) error {
	for rec := range records(src) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.records++
		e, err := rec.event(f.records)
		if err == nil {
			err = e.Validate()
		}
		if err != nil {
			f.reject(src.name, rec.line, err)
			continue
		}
		if err := f.x.publish(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// reject reports a record that is wrong.
func (f *feed) reject(name string, line int, err error) {
	f.bad++
	fmt.Fprintf(f.report, "%s:%d: %s\n", name, line, strings.ReplaceAll(err.Error(), "\n", "; "))
}
