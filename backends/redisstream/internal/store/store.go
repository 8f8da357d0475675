// Package store holds the atomic steps that this backend asks of Redis.
//
// A step is a Lua script with one Go file beside it: extend.go and extend.lua. The Go file has the request as a
// struct, the order in which its fields become KEYS and ARGV, and the parser of the reply. The Lua file begins
// with the same order: it reads keys and arguments with the cursors of lib.lua into the tables keys and request,
// up to the line "-- The step."; the lines below do the work. A test sends each request through a script that
// ends at that line and answers with the values it has read.
//
// The package sends nothing: a caller runs the [Call] that a request makes, and gives the reply to the
// request's ReadReply. Every parser takes any bytes; it returns an error where the script could not have
// answered so. Times are sent in whole milliseconds.
//
// Begin with store.go and keys.go, then read leave.go with leave.lua.
package store

import (
	"bytes"
	"crypto/sha1"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

//go:embed *.lua
var sources embed.FS

// Script is the source of an atomic step. It is immutable.
type Script struct {
	Source string
	SHA    string // digest of the source, by which a server knows it
}

// allowOOM lets a script run on a server that is full, because it makes room or must not fail.
const allowOOM = "allow-oom"

// newScript puts a script together: its flags, lib.lua, and the sources in their order.
func newScript(flags string, texts ...string) *Script {
	source := "#!lua flags=" + flags + "\n" + readSource("lib")
	for _, text := range texts {
		source += text
	}
	sum := sha1.Sum([]byte(source))
	return &Script{source, hex.EncodeToString(sum[:])}
}

// loadScript is newScript for a file of this package.
func loadScript(name, flags string) *Script { return newScript(flags, readSource(name)) }

// readSource returns a Lua file of this package.
func readSource(name string) string {
	text, err := sources.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // the file is a part of the program
	}
	return string(text)
}

// Call is one run of a script, with its keys and arguments in the order of the Lua file.
type Call struct {
	Script *Script
	Keys   []string
	Args   []any
}

// Command returns the words of the call as the server reads them: with the digest of the script, or
// with its source for a server that does not know it yet.
func (c *Call) Command(source bool) []any {
	words := make([]any, 3, 3+len(c.Keys)+len(c.Args))
	words[0], words[1], words[2] = "evalsha", c.Script.SHA, len(c.Keys)
	if source {
		words[0], words[1] = "eval", c.Script.Source
	}
	for _, key := range c.Keys {
		words = append(words, key)
	}
	return append(words, c.Args...)
}

// ErrStale is the error of a step that was refused before its first write, because the table of bindings
// is another one than the caller knows. The caller reads the table and repeats the step.
var ErrStale = errors.New("redis: the bindings have changed")

// staleReply is what a script answers that was refused as stale.
const staleReply = "$5\r\nSTALE\r\n"

// IsStale reports whether a script was refused because the caller knows another table of bindings.
func IsStale(r *resp.Reply) bool { return r.Err == nil && string(r.Raw) == staleReply }

// readText reads a reply that is one string, which may be the refusal of a stale call.
func readText(r *resp.Reply) ([]byte, error) {
	if IsStale(r) {
		return nil, ErrStale
	}
	text := r.Bulk()
	return text, r.Err
}

// readWord reads a reply that is one of some words.
func readWord(r *resp.Reply, words ...string) (string, error) {
	text, err := readText(r)
	if err != nil {
		return "", err
	}
	if !slices.Contains(words, string(text)) {
		return "", fmt.Errorf("%w: %.40q, want one of %q", resp.ErrShape, text, words)
	}
	return string(text), nil
}

// readDone reads the reply of a step that tells nothing but that it was done.
func readDone(r *resp.Reply) error {
	_, err := readWord(r, "OK")
	return err
}

// readBits reads a reply with a '1' or a '0' for each of count things.
func readBits(r *resp.Reply, count int) ([]byte, error) {
	bits, err := readText(r)
	if err != nil {
		return nil, err
	}
	if len(bits) != count || len(bytes.Trim(bits, "01")) > 0 {
		return nil, fmt.Errorf("%w: %.40q for %d answers", resp.ErrShape, bits, count)
	}
	return bits, nil
}

// isClock reports whether a text is what lib.lua's sight returns: milliseconds since 1970, and a count of steps.
func isClock(text string) bool {
	millis, steps, both := strings.Cut(text, " ")
	return both && isNumber(millis) && isNumber(steps)
}

func isNumber(text string) bool {
	return text != "" && len(text) < 19 && strings.Trim(text, "0123456789") == ""
}

// flagOf is how a script is told whether something is so.
func flagOf(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// appendMarks appends indexes of messages, with their number in front.
func appendMarks(args []any, marks []int) []any {
	args = append(args, len(marks))
	for _, index := range marks {
		args = append(args, index)
	}
	return args
}
