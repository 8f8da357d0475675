package input

import (
	"context"
	"io"
	"strings"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// Source is one input.
type Source struct {
	Name string
	io.ReadCloser
}

// Text returns a source that is part of the program.
func Text(name, text string) Source { return Source{name, io.NopCloser(strings.NewReader(text))} }

// Open opens files before anything is done, so that a missing one is told at once; - is
// standard input.
func Open(ctx context.Context, files []string, stdin io.Reader) (list []Source, err error) {
	for _, name := range files {
		if name == "-" {
			list = append(list, Source{"standard input", interruptibleReader(ctx, stdin)})
			continue
		}
		f, err := cli.OpenFile(name)
		if err != nil {
			Close(list)
			return nil, err
		}
		list = append(list, Source{name, f})
	}
	return list, nil
}

// Close closes the opened files that are not going to be read.
func Close(sources []Source) {
	for _, s := range sources {
		s.Close()
	}
}

// interruptibleReader reads from a terminal or a pipe, and stops waiting for it when ctx ends.
func interruptibleReader(ctx context.Context, in io.Reader) io.ReadCloser {
	out, to := io.Pipe()
	context.AfterFunc(ctx, func() { to.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(to, in)
		to.CloseWithError(err)
	}()
	return out
}
