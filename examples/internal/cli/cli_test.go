package cli

import (
	"bytes"
	"flag"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -999: "-999", -123456: "-123,456"} {
		if got := Count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 3 << 19: "1.5 MiB", 1 << 62: "4194304.0 TiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestBar(t *testing.T) {
	for _, test := range []struct {
		done, total uint64
		want        string
	}{
		{500, 1000, "orders [===============>               ] 50% 500/1,000 250/s 2s left"},
		{1000, 1000, "orders [==============================>] 100% 1,000/1,000 500/s"},
		{0, 1000, "orders [>                              ] 0% 0/1,000 0/s"},
		{500, 0, "orders 500 250/s"},
	} {
		if got := barLine("orders", test.done, test.total, 2*time.Second); got != test.want {
			t.Errorf("%d of %d: got %q, want %q", test.done, test.total, got, test.want)
		}
	}
}

func TestProgressIsForTerminals(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, w := range []io.Writer{new(bytes.Buffer), null} {
		stop := Progress(w, "orders", 1, func() uint64 { t.Error("drawn"); return 0 })
		stop()
		if IsTerminal(w) {
			t.Errorf("%T is taken for a terminal", w)
		}
	}
}

func TestParse(t *testing.T) {
	flags := flag.NewFlagSet("x", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	depth := flags.Int("depth", 10, "`levels` to show")
	others, err := Parse(flags, []string{"a.csv", "--depth", "3", "-", "b.csv"})
	if err != nil || *depth != 3 || !reflect.DeepEqual(others, []string{"a.csv", "-", "b.csv"}) {
		t.Errorf("got %q, depth %d, %v", others, *depth, err)
	}
	if _, err := Parse(flags, []string{"a.csv", "--nosuch"}); err == nil {
		t.Error("an unknown flag behind a file is taken")
	}
	var help strings.Builder
	WriteFlags(&help, flags)
	if want := "  --depth levels           levels to show (default 10)\n"; help.String() != want {
		t.Errorf("got %q, want %q", help.String(), want)
	}
}

func TestPeakMemory(t *testing.T) {
	if n := PeakMemory(); n < 1<<20 || n > 1<<40 {
		t.Errorf("%d bytes", n)
	}
}
