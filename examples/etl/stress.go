package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// colony is what penguins of a species measure on average, as the real ones do.
type colony struct {
	species string
	islands []string
	values  [4]float64 // beak length and depth, flipper, mass
}

var colonies = []colony{
	{"Adelie", []string{"Torgersen", "Biscoe", "Dream"}, [4]float64{38.8, 18.3, 190, 3701}},
	{"Chinstrap", []string{"Dream"}, [4]float64{48.8, 18.4, 196, 3733}},
	{"Gentoo", []string{"Biscoe"}, [4]float64{47.5, 15, 217, 5076}},
}

// Of the rows that are generated, some have gaps, as real data has.
const (
	withoutValues = 0.006
	withoutSex    = 0.026
)

// generateRows writes a file of n random rows. The same seed writes the same file.
func generateRows(ctx context.Context, w io.Writer, n int, seed uint64, stderr io.Writer) error {
	dice, out := rand.New(rand.NewPCG(seed, 0)), bufio.NewWriterSize(w, 1<<16)
	var written atomic.Uint64
	defer cli.Progress(stderr, "generated rows", uint64(n), written.Load)()
	out.WriteString(strings.Join(columns, ",") + "\n")
	line := make([]byte, 0, 128)
	for i := range n {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line = appendRow(line[:0], dice)
		out.Write(line)
		written.Store(uint64(i + 1))
	}
	return errors.Join(out.Flush(), ctx.Err())
}

func appendRow(line []byte, dice *rand.Rand) []byte {
	c := &colonies[dice.IntN(len(colonies))]
	line = append(append(line, c.species...), ',')
	line = append(append(line, c.islands[dice.IntN(len(c.islands))]...), ',')
	if dice.Float64() < withoutValues {
		return append(line, "NA,NA,NA,NA,NA\n"...)
	}
	for i, mean := range c.values {
		digits := 1 - i/2 // beaks are measured to a tenth of a millimeter
		line = append(strconv.AppendFloat(line, mean*(0.85+0.3*dice.Float64()), 'f', digits, 64), ',')
	}
	switch how := dice.Float64(); {
	case how < withoutSex:
		return append(line, "NA\n"...)
	case how < 0.5:
		return append(line, "FEMALE\n"...)
	}
	return append(line, "MALE\n"...)
}
