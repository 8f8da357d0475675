package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/write"
)

// WithoutAccepted returns the diagnostics without those that the lock of their package accepts. A lock that cannot be read
// accepts nothing: what is wrong with it is told where it is compared.
func WithoutAccepted(t *model.Topology, diags []diag.Diagnostic) []diag.Diagnostic {
	locks := map[string]*File{}
	return slices.DeleteFunc(slices.Clone(diags), func(d diag.Diagnostic) bool {
		p := packageOf(t, d)
		if !d.Acceptable() || p == nil {
			return false
		}
		if locks[p.Dir] == nil {
			locks[p.Dir], _, _ = readLock(p)
		}
		f := locks[p.Dir]
		return f != nil && slices.ContainsFunc(f.Accepted, func(a Accepted) bool { return a.Change == d.Message })
	})
}

// AcceptFinding returns the change of a lock that accepts the one diagnostic with a code, or with a part of its text. It
// writes nothing.
func AcceptFinding(t *model.Topology, diags []diag.Diagnostic, finding, reason string) (write.Change, error) {
	var found []diag.Diagnostic
	for _, d := range diags {
		if d.Acceptable() && (string(d.Code) == finding || strings.Contains(d.Message, finding)) {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		return write.Change{}, fmt.Errorf("%d findings that can be accepted have the code or the text %q: name one by a part of its text", len(found), finding)
	}
	p := packageOf(t, found[0])
	f, content, err := readLock(p)
	if err != nil {
		return write.Change{}, err
	}
	if f == nil {
		f = Snapshot(p)
	}
	f.Accepted = append(f.Accepted, Accepted{found[0].Message, reason})
	wanted, err := f.Bytes()
	if err != nil {
		return write.Change{}, fmt.Errorf("writing the lock: %w", err)
	}
	return write.Change{Path: filepath.Join(p.Dir, FileName), Old: content, New: wanted}, nil
}

// packageOf returns the package of a diagnostic, or nil.
func packageOf(t *model.Topology, d diag.Diagnostic) *model.Package {
	dir := filepath.Dir(d.Pos.Filename)
	i := slices.IndexFunc(t.Packages, func(p *model.Package) bool { return p.Dir == dir && !p.Test })
	if i < 0 {
		return nil
	}
	return t.Packages[i]
}

// readLock returns the lock of a package with its text, or nil where there is none.
func readLock(p *model.Package) (*File, []byte, error) {
	content, err := os.ReadFile(filepath.Join(p.Dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the lock: %w", err)
	}
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	f, err := Parse(content)
	return f, content, err
}
