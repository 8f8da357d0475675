package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/write"
)

// serviceSource is the folder service: the files of a service with words such as @NAME@ in place of what differs. The names of Go files
// end in .tmpl, because their imports are none of this module.
//
//go:embed service
var serviceSource embed.FS

// deployFolder has the files of a service that no program reads.
const deployFolder = "deploy"

// serviceName is a name of an executable, an image, a unit, an object of Kubernetes, a dashboard, whose names have at most 40
// letters, and an organ.
var serviceName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

// takenNames lists names that something beside the service has: the Redis of compose.yaml, prefixes of variables that are settings, and
// words that YAML takes for another value than a text.
var takenNames = strings.Fields("redis backend organs http admin console trace drain grace log y n yes no on off true false null")

// checkServiceName returns an error for a name that one of the files cannot have.
func checkServiceName(name string) error {
	switch {
	case name == "" || serviceName.MatchString(name) && !slices.Contains(takenNames, name):
		return nil
	case slices.Contains(takenNames, name):
		return fmt.Errorf("a service cannot be named %q: the word means something else in its files; name it otherwise, as in shop", name)
	}
	return fmt.Errorf("a service cannot be named %q: use at most 40 lower-case letters, digits and -, as in shop", name)
}

// servicePaths returns the way of each file in the folder of a service, by its name in serviceSource.
func servicePaths(name string) map[string]string {
	paths := map[string]string{}
	err := fs.WalkDir(serviceSource, "service", func(source string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			to := strings.TrimSuffix(strings.TrimPrefix(source, "service/"), ".tmpl")
			paths[source] = strings.Replace(to, "service.service", name+".service", 1)
		}
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("scaffold: it is embedded: %v", err))
	}
	return paths
}

// serviceFiles returns the files of a service, those of its folder first.
func (m *home) serviceFiles(o Options) []write.Change {
	fill := m.serviceWords(o)
	var files []write.Change
	for source, to := range servicePaths(o.Service) {
		content, err := serviceSource.ReadFile(source)
		if err != nil {
			panic(fmt.Sprintf("scaffold: it is embedded: %v", err))
		}
		files = append(files, write.Change{Path: filepath.Join(o.Dir, filepath.FromSlash(to)), New: []byte(fill.Replace(string(content)))})
	}
	slices.SortFunc(files, func(a, b write.Change) int {
		if deeper := strings.Count(a.Path, string(filepath.Separator)) - strings.Count(b.Path, string(filepath.Separator)); deeper != 0 {
			return deeper
		}
		return strings.Compare(a.Path, b.Path)
	})
	return files
}

// serviceWords fills in what differs. Images are built at the root of the module, where go.mod is.
func (m *home) serviceWords(o Options) *strings.Replacer {
	folder, build, root := "", ".", "."
	if in := m.importFolder(o.Dir); in != "." {
		folder, build = in+"/", "./"+in
		root = strings.TrimSuffix(strings.Repeat("../", strings.Count(folder, "/")), "/")
	}
	return strings.NewReplacer(
		"@NAME@", o.Service, "@EVENT@", strings.ToUpper(strings.ReplaceAll(o.Service, "-", "_")),
		"@FOLDER@", folder, "@PACKAGE@", build, "@ROOT@", root)
}

// addServiceObstacles adds the files that have the names of files of a service. Go files are among the obstacles already.
func addServiceObstacles(found obstacles, o Options) (obstacles, error) {
	for _, to := range servicePaths(o.Service) {
		if path.Ext(to) == ".go" {
			continue
		}
		_, err := os.Lstat(filepath.Join(o.Dir, filepath.FromSlash(to)))
		if err == nil {
			found = append(found, to)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
	}
	slices.Sort(found)
	return found, nil
}
