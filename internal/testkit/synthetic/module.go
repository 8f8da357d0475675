package synthetic

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Path is the module path.
const Path = "example.com/synthetic"

// Write writes a module of n packages and one more, the program that imports all of them, into
// a folder. The module uses necrogen as it stands in repository.
func Write(dir, repository string, n int) error {
	for name, content := range files(repository, n) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing the synthetic module: %w", err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return fmt.Errorf("writing the synthetic module: %w", err)
		}
	}
	return nil
}

// files returns the module by the paths of its files, with slashes.
func files(repository string, n int) map[string]string {
	all := map[string]string{
		"go.mod":      strings.ReplaceAll(goMod, "REPOSITORY", filepath.ToSlash(repository)),
		"app/main.go": program(n),

		Name(0) + "/ordered.go": strings.ReplaceAll(first, "STEP", Name(0)),
	}
	for i := range n {
		fill := strings.NewReplacer("STEP", Name(i), "EVENT", fmt.Sprintf("Done%02d", i), "TAKEN", taken(i), "IMPORT", imported(i), "OUTPUT", output(i == n-1))
		for file, text := range packageFiles {
			all[Name(i)+"/"+file] = fill.Replace(text)
		}
	}
	return all
}

// Name is the name of a package, and of its folder in the module.
func Name(i int) string { return fmt.Sprintf("step%02d", i) }

// taken is the event that the handler of a package takes: that of the package before it.
func taken(i int) string {
	if i == 0 {
		return "Ordered"
	}
	return fmt.Sprintf("%s.Done%02d", Name(i-1), i-1)
}

// output says of the last event that it is for the outside.
func output(last bool) string {
	if last {
		return " output"
	}
	return ""
}

func imported(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("\n\t%q\n", Path+"/"+Name(i-1))
}

// program is the package that imports all others. Its audit organ takes every event of theirs.
func program(n int) string {
	var imports, organs strings.Builder
	for i := range n {
		fmt.Fprintf(&imports, "\t%q\n", Path+"/"+Name(i))
		fmt.Fprintf(&organs, "\t\t&%s.Worker{},\n", Name(i))
	}
	return strings.NewReplacer("IMPORTS\n", imports.String(), "ORGANS\n", organs.String()).Replace(mainGo)
}

// Edit changes the package that all others come after: it gets an exported type with the number in its name. The
// code generated for it before still compiles.
func Edit(dir string, number int) error {
	path := filepath.Join(dir, Name(0), "edited.go")
	content := fmt.Sprintf("package %s\n\n// Edited%d is new.\ntype Edited%d struct{ Number int }\n", Name(0), number, number)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		return fmt.Errorf("editing the synthetic module: %w", err)
	}
	return nil
}
