package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/examples"
	"github.com/necrostack/necrogen/internal/gen/write"
)

// programFiles returns the files of the first program, which is examples/hello under another name. Below
// the top folder of a module its event and its organ get names of their own: there may be
// other such programs in the module.
func programFiles(dir, name string, named bool) []write.Change {
	changes := []string{"// Command hello ", "// Command " + name + " "}
	if named {
		changes = append(changes,
			"//necro:event\n", "//necro:event "+strings.ToUpper(directiveWord(name, "_"))+"_GREETED\n",
			"//necro:organ\n", "//necro:organ "+directiveWord(name, "-")+".Greeter\n")
	}
	rename := strings.NewReplacer(changes...)
	var files []write.Change
	for _, file := range []string{"main.go", "main_test.go"} {
		content, err := examples.Hello.ReadFile("hello/" + file)
		if err != nil {
			panic(fmt.Sprintf("scaffold: it is embedded: %v", err))
		}
		files = append(files, write.Change{
			Path: filepath.Join(dir, file), New: []byte(rename.Replace(string(content))),
		})
	}
	return files
}

// noWord is what names of events and organs don't have.
var noWord = regexp.MustCompile(`^[^A-Za-z]+|[^A-Za-z0-9]+`)

// directiveWord makes the name of a folder a word of a directive.
func directiveWord(name, separator string) string {
	return cmp.Or(strings.Trim(noWord.ReplaceAllString(name, separator), separator), "hello")
}

// inTheWay returns an error that names what keeps a package of ours out of the folder. Go files
// of any name do: they are of another package, or would clash with our declarations.
func inTheWay(o Options) error {
	info, err := os.Stat(o.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", o.Dir)
	}
	entries, err := os.ReadDir(o.Dir)
	var found obstacles
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".go" || o.Module != "" && e.Name() == "go.mod" {
			found = append(found, e.Name())
		}
	}
	if err == nil && o.Service != "" {
		found, err = addServiceObstacles(found, o)
	}
	if len(found) > 0 {
		return found
	}
	return err
}

// obstacles are the files that are in the way.
type obstacles []string

func (o obstacles) Error() string {
	hint := "name another folder, as in: necrogen init hello"
	if slices.Contains(o, "go.mod") {
		hint = "there is a module already: leave -module out"
	}
	return fmt.Sprintf("in the way, so nothing was written: %s\n%s", strings.Join(o, ", "), hint)
}
