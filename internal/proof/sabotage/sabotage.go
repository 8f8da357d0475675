// Package sabotage breaks the code of this repository on purpose, to show that a test or a harness
// notices. No production code knows of it.
//
// An [Edit] names a declaration of a package, and the text in it that is replaced. [Repository.Apply] looks the
// text up by its tokens: comments, line breaks and the file that holds the declaration do not matter,
// so an edit outlives all changes of code but those of the text itself. The text must occur exactly
// once in the declaration, because an edit at a wrong place would prove nothing. [Repository.Overlay] writes the
// edited files to a folder of their own, for the flag -overlay of the go command: the working tree
// stays as it is.
//
//	sabotage.go      edits, and how they are applied one after the other
//	declarations.go  the declarations of a package, by name
//	tokens.go        the tokens of Go and of other texts, and how a text is found among them
//	imports.go       imports that an edit makes superfluous, or needs
//	overlay.go       the edited files on disk
package sabotage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Edit replaces a text, which must occur exactly once in a declaration or in a file.
type Edit struct {
	In   string // the folder of a package, or a file that is not Go: from the root of the repository
	Decl string // in a package: "settle", "(*queue).settle", a constant, a variable or a type
	Old  string // complete tokens
	New  string // the text in its place
}

// Repository is a checkout that edits are for. It parses each file once, and may be used by several
// goroutines.
type Repository struct {
	root string

	mu      sync.Mutex
	folders map[string][]string      // guarded by mu: the files of packages, by folder
	parsed  map[string][]declaration // guarded by mu: the declarations of unedited files, by path
}

// Open returns the repository with a root folder, which must be an absolute path.
func Open(root string) *Repository {
	return &Repository{root: root, folders: map[string][]string{}, parsed: map[string][]declaration{}}
}

// Apply returns the files that edits change, by their paths below the root, as they are with all
// edits. Each edit is looked up in what those before it have left.
func (r *Repository) Apply(edits []Edit) (map[string][]byte, error) {
	s := &source{Repository: r, edited: map[string][]byte{}}
	for _, e := range edits {
		if err := s.applyEdit(e); err != nil {
			return nil, err
		}
	}
	if err := s.mendImports(); err != nil {
		return nil, err
	}
	return s.edited, nil
}

// source is a repository with edits.
type source struct {
	*Repository
	edited map[string][]byte // by path, slashes from the root
}

// readEdited returns a file as it is with the edits so far.
func (s *source) readEdited(path string) ([]byte, error) {
	if text, ok := s.edited[path]; ok {
		return text, nil
	}
	return os.ReadFile(filepath.Join(s.root, path))
}

func (s *source) applyEdit(e Edit) error {
	info, err := os.Stat(filepath.Join(s.root, e.In))
	switch {
	case err != nil:
		return err
	case info.IsDir() != (e.Decl != ""):
		return fmt.Errorf("%s: an edit names a folder and a declaration in it, or a file alone", e.In)
	case info.IsDir():
		return s.applyToDeclaration(e)
	case strings.HasSuffix(e.In, ".go"):
		return fmt.Errorf("%s: name the folder and the declaration in place of the file", e.In)
	}
	text, err := s.readEdited(e.In)
	if err != nil {
		return err
	}
	split := splitterOf(e.In)
	at, err := findOnce(split(text), split([]byte(e.Old)))
	if err != nil {
		return fmt.Errorf("%s: %s %w", e.In, quoteText(e.Old), err)
	}
	s.replaceSpan(e.In, text, at, e.New)
	return nil
}

func (s *source) applyToDeclaration(e Edit) error {
	all, err := s.packageDeclarations(e.In)
	if err != nil {
		return err
	}
	same := slices.Collect(declarationsNamed(all, e.Decl))
	if len(same) != 1 {
		return fmt.Errorf("%s: %d declarations of %s, want one", e.In, len(same), e.Decl)
	}
	at, err := same[0].findText(e.Old)
	if err != nil {
		err = fmt.Errorf("%s, %s: %s %w", e.In, e.Decl, quoteText(e.Old), err)
		if errors.Is(err, errAbsent) {
			err = fmt.Errorf("%w%s", err, otherHolders(all, e))
		}
		return err
	}
	s.replaceSpan(same[0].path, same[0].file, at, e.New)
	return nil
}

func (s *source) replaceSpan(path string, text []byte, at span, by string) {
	s.edited[path] = slices.Concat(text[:at.from], []byte(by), text[at.to:])
}

// otherHolders tells which other declarations of the package hold the text: it may have moved there.
func otherHolders(all []declaration, e Edit) string {
	var names []string
	for _, d := range all {
		if _, err := d.findText(e.Old); err == nil && d.name != e.Decl {
			names = append(names, d.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it is in " + strings.Join(names, ", ")
}

// quoteText shows a text that was looked up: in one line, or in lines of its own.
func quoteText(text string) string {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "\n") {
		return fmt.Sprintf("the text %q", text)
	}
	return "the text\n\t" + text + "\n"
}
