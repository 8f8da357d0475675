package cases

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/files"
)

var (
	goBlock  = regexp.MustCompile("(?s)```go\n(.+?)```")
	backtick = regexp.MustCompile("`([^`]+)`")
)

// rows returns the cells of the tables below a heading.
func rows(t *testing.T, markdown, heading string) [][]string {
	t.Helper()
	_, section, ok := strings.Cut(markdown, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rows [][]string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | "))
		}
	}
	return rows
}

// codes returns what stands in backticks.
func codes(cell string) []string {
	var list []string
	for _, m := range backtick.FindAllStringSubmatch(cell, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestEncoding makes an event of every row in docs/encoding.md, and compares its bytes.
func TestEncoding(t *testing.T) {
	root, markdown := module(t), files.Read(t, "../../../docs/encoding.md")
	source, want := encodingProgram(t, markdown)
	dir := filepath.Join(root, "encoding")
	files.Write(t, filepath.Join(dir, "main.go"), []byte(source))
	topology, diags := judged(t, dir)
	if len(diags) > 0 {
		t.Fatalf("%s", text(t, dir, diags))
	}
	generateExample(t, topology)
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d of %d examples", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("example %d: got %s, want %s", i+1, got[i], want[i])
		}
	}
	t.Logf("%d examples", len(got))
}

// encodingProgram returns a program that prints what stands in the tables, and what it must print.
func encodingProgram(t *testing.T, markdown string) (source string, want []string) {
	t.Helper()
	var events, prints strings.Builder
	for i, row := range rows(t, markdown, "Shape, encoding, example") {
		example, bytes := codes(row[2])[0], codes(row[3])[0]
		for j, typ := range codes(row[0]) {
			if fits(typ, example) {
				fmt.Fprintf(&events, "//necro:event\ntype Row%dx%d struct{ V %s }\n\n", i, j, typ)
				fmt.Fprintf(&prints, "\tshow(&Row%dx%d{V: %s})\n", i, j, example)
				want = append(want, bytes)
			}
		}
	}
	declarations := goBlock.FindStringSubmatch(markdown)[1]
	return encodingHead + declarations + events.String() + "func main() {\n" + prints.String() + "}\n", want
}

var namesType = regexp.MustCompile(`^(u?int\d*|float\d+)\(`)

// fits says whether an example is a value of a type: some rows have one for several types.
func fits(typ, example string) bool {
	if m := namesType.FindStringSubmatch(example); m != nil {
		return typ == m[1]
	}
	return typ != "**int" && typ != "big.Int"
}

// judged loads and checks the package in a folder.
func judged(t *testing.T, dir string) (*model.Topology, []diag.Diagnostic) {
	t.Helper()
	topology, diags, err := source.Load(context.Background(), dir, []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	return topology, append(diags, check.Check(topology)...)
}

// encodingHead prints the bytes of an event's field, when they are the reference's and are read.
const encodingHead = `package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	necro "github.com/necrostack/necrogen/runtime"
)

var _ = []any{sql.ErrNoRows, json.Valid, errors.New, big.NewInt, netip.ParseAddr, url.Parse, time.Now, msgpack.Marshal}

func show(e necro.Event) {
	b, err := e.AppendMsgpack(nil)
	if err == nil {
		_, err = e.NecroEvent().New().ReadMsgpack(b)
	}
	if reference, _ := msgpack.Marshal(e); err != nil || len(reference) != len(b) {
		fmt.Printf("% x, not % x (%v)\n", b, reference, err)
		return
	}
	fmt.Printf("% x\n", bytes.TrimPrefix(b, []byte("\x81\xa1V")))
}

`

// TestNotEncoded wants the code for every row of what docs/encoding.md says is refused.
func TestNotEncoded(t *testing.T) {
	root, markdown := module(t), files.Read(t, "../../../docs/encoding.md")
	for i, row := range rows(t, markdown, "What is refused") {
		for j, typ := range codes(row[0]) {
			dir := filepath.Join(root, fmt.Sprintf("refused%dx%d", i, j))
			files.Write(t, filepath.Join(dir, "a.go"), []byte(refusedHead+"//necro:event\ntype Row struct {\n\tV "+typ+"\n}\n"))
			_, diags := judged(t, dir)
			if len(diags) != 1 || string(diags[0].Code) != strings.TrimSpace(row[1]) {
				t.Errorf("%s: want %s, got\n%s", typ, row[1], text(t, dir, diags))
			}
		}
	}
}

const refusedHead = `package a

import (
	"math/big"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

var _ = []any{big.NewInt, sync.OnceFunc, atomic.AddInt64, time.Now, unsafe.Sizeof(0)}

type hidden struct{ X int }
type text string

type Half int

func (Half) MarshalText() ([]byte, error) { return nil, nil }

`
