package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environment is what go env says.
type environment map[string]string

// environmentNames decide how packages are compiled, and where the result lies. What decides
// over versions of modules is not among them: the key has the source itself.
var environmentNames = strings.Fields(`GOVERSION GOROOT GOOS GOARCH GOFLAGS GOEXPERIMENT GODEBUG GOFIPS140 CGO_ENABLED
	GO386 GOAMD64 GOARM GOARM64 GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM GOCACHE GOCACHEPROG`)

// askEnvironment asks the go command beside go list, which takes longer anyway. The environment
// is nil when there was no answer.
func askEnvironment(ctx context.Context, dir string) func() environment {
	answer := make(chan environment, 1)
	go func() {
		var env environment
		out, err := runGo(ctx, dir, append([]string{"env", "-json"}, environmentNames...))
		if err != nil || json.Unmarshal(out, &env) != nil {
			env = nil
		}
		answer <- env
	}()
	return func() environment { return <-answer }
}

// isForeseeable says whether the same source compiled in this environment is the same export data. A go command
// that is being worked on has a standard library without a version; an overlay is source that stands elsewhere;
// other compilers may do anything.
func (e environment) isForeseeable() bool {
	flags := e["GOFLAGS"]
	return strings.HasPrefix(e["GOVERSION"], "go") && e["GOCACHEPROG"] == "" &&
		!strings.Contains(flags, "-overlay") && !strings.Contains(flags, "-toolexec")
}

// errUnforeseeable is why export data can't be found again by a key.
var errUnforeseeable = errors.New("its export data depends on more than its source")

// exportKey is a hash of all that decides what the export data of these packages is: the
// environment, and the source of them and of all that they import, but for the standard
// library, which is known by its version. "" when that is not all.
func (l *loader) exportKey(paths []string) string {
	env := l.env()
	if !env.isForeseeable() {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, "exports 1")
	for _, name := range environmentNames {
		fmt.Fprintf(h, "%s=%q\n", name, env[name])
	}
	for _, path := range paths {
		fmt.Fprintf(h, "wanted %q\n", path)
	}
	seen := map[string]bool{}
	for _, path := range paths {
		if err := l.hashPackage(h, path, seen); err != nil {
			return ""
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashPackage adds the source of a package, and of its imports, each once.
func (l *loader) hashPackage(h hash.Hash, path string, seen map[string]bool) error {
	p := l.listed[path]
	switch {
	case seen[path] || path == "unsafe":
		return nil
	case p == nil || p.Error != nil || p.Module == nil && !p.Standard:
		return errUnforeseeable
	}
	seen[path] = true
	if p.Standard {
		fmt.Fprintf(h, "standard %q\n", path)
		return nil
	}
	// Their types come from C, whose headers may lie anywhere.
	if len(p.CgoFiles)+len(p.SwigFiles)+len(p.SwigCXXFiles) > 0 {
		return errUnforeseeable
	}
	fmt.Fprintf(h, "package %q go %q\n", path, p.Module.GoVersion)
	for _, name := range p.GoFiles {
		if err := hashFile(h, filepath.Join(p.Dir, name)); err != nil {
			return err
		}
	}
	for _, imported := range slices.Sorted(slices.Values(p.Imports)) {
		fmt.Fprintf(h, "import %q\n", imported)
		if err := l.hashPackage(h, imported, seen); err != nil {
			return err
		}
	}
	return nil
}

// hashFile adds the content of a file, not its time: an edit may leave that as it was.
func hashFile(h hash.Hash, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "file %q %d\n", filepath.Base(path), len(content))
	_, err = bytes.NewReader(content).WriteTo(h)
	return err
}
