package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/write"
)

// Begin says what to do with the packages that have no lock.
type Begin bool

// A lock begins when it is asked for, because events that are not released may change freely.
const (
	Leave  Begin = false
	Create Begin = true
)

// Plan compares the events of the root packages with their locks: an addition changes a lock, a breaking change
// is a diagnostic. A reason accepts all of it. It writes nothing.
func Plan(t *model.Topology, begin Begin, reason string) ([]write.Change, []diag.Diagnostic, error) {
	var changes []write.Change
	var diags []diag.Diagnostic
	for _, p := range t.Packages {
		if !p.Root || p.Test {
			continue
		}
		path := filepath.Join(p.Dir, FileName)
		content, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && (begin == Leave || len(p.Coded()) == 0):
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, nil, fmt.Errorf("reading the events of the lock: %w", err)
		}
		change, broken, err := planLock(t, p, path, content, reason)
		if err != nil {
			return nil, nil, err
		}
		diags = append(diags, broken...)
		if change != nil {
			changes = append(changes, *change)
		}
	}
	return changes, diags, nil
}

// planLock compares one package with its lock, which is nil where there is none. An event may have moved
// to another package that has a lock.
func planLock(t *model.Topology, p *model.Package, path string, content []byte, reason string) (*write.Change, []diag.Diagnostic, error) {
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")) // a checkout may have turned them
	old, err := Parse(content)
	if err != nil {
		return nil, []diag.Diagnostic{unreadableLock(path, err)}, nil
	}
	now := Snapshot(p)
	now.Accepted = old.Accepted
	breaking := compareMoved(old, now, func() []*File { return snapshotPackages(t, p, isLocked) })
	if reason == "" && len(breaking) > 0 {
		return nil, Diagnostics(path, breaking), nil
	}
	for _, c := range breaking {
		now.Accepted = append(now.Accepted, Accepted{c.Text, reason})
	}
	wanted, err := now.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("writing the events of the lock: %w", err)
	}
	if bytes.Equal(wanted, content) {
		return nil, nil, nil
	}
	return &write.Change{Path: path, Old: content, New: wanted}, nil, nil
}

func unreadableLock(path string, err error) diag.Diagnostic {
	return diag.New(diag.LockUnreadable, model.Pos{Filename: path, Line: 1, Column: 1}, err).
		WithHint("take it from version control; or remove it and run necrogen lock, if nothing was released")
}

// codes are what the kinds of changes are told as.
var codes = map[Kind]diag.Code{
	EventRemoved: diag.EventRemoved, NameReused: diag.NameReused, KeyChanged: diag.KeyChanged, FieldRemoved: diag.FieldRemoved,
	FieldRequired: diag.FieldRequired, TypeChanged: diag.TypeChanged, RuleNarrowed: diag.RuleNarrowed, FormChanged: diag.FormChanged,
}

// waysOut are what to do about a change, besides accepting it.
var waysOut = map[Kind]string{
	EventRemoved:  "keep it until none is stored any more; for a new name add alias=OLD_NAME",
	NameReused:    "take another name, or the next version with //necro:upcast",
	FieldRemoved:  "keep it; for a new name add `msgpack:\"new,alias:old\"`; or take a new version with //necro:upcast",
	FieldRequired: "let it be empty, with omitempty; or take a new version with //necro:upcast, which fills it",
	RuleNarrowed:  "leave the rule as it was, or take a new version with //necro:upcast",
}

// Diagnostics tell changes: what broke, for whom, and the ways out.
func Diagnostics(path string, changes []Change) []diag.Diagnostic {
	var diags []diag.Diagnostic
	for _, c := range changes {
		pos := c.Pos
		if !pos.IsValid() {
			pos = model.Pos{Filename: path, Line: 1, Column: 1}
		}
		way := waysOut[c.Kind]
		if way == "" {
			way = "take a new version with //necro:upcast"
		}
		diags = append(diags, diag.New(codes[c.Kind], pos, c.Text+c.describeConsequences()).
			WithHint("%s; or accept it: necrogen lock -accept \"why\"", way))
	}
	return slices.Clip(diags)
}

// describeConsequences says whether old readers break, or new ones.
func (c Change) describeConsequences() string {
	text := ""
	if c.OldReaders != "" {
		text = "; old readers " + c.OldReaders
	}
	if c.NewReaders != "" {
		text += "; new readers " + c.NewReaders
	}
	return text
}
