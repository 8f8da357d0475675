// Package layers holds no code but a test: which package may import which.
//
// The arrows between the parts go one way: the commands use the generator, the generator fills the model and renders
// it, generated code uses the runtime, backends implement the runtime's contract. A dependency outside of the module
// that is large, or that we may want to exchange, has few importers.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../../.."
	module = "github.com/necrostack/necrogen/"
)

// ours lists, for each folder of the runtime and of the generator's core, all folders of this repository that it may import. A
// folder that is not listed may import anything.
var ours = map[string][]string{
	// What users' programs contain. Nothing of the generator is here.
	"runtime":                               {"internal/environ", "internal/policykey", "internal/redact", "internal/redact/msgpackjson", "runtime/contract", "runtime/internal/engine", "runtime/internal/ticks"},
	"runtime/topology":                      {"internal/topology", "runtime/contract"},
	"runtime/internal/ticks":                {"internal/schedule", "runtime/contract"},
	"runtime/internal/engine":               {"internal/freeze", "runtime/contract", "runtime/internal/batch"},
	"runtime/internal/batch":                {"runtime/contract"},
	"runtime/contract":                      {"internal/freeze", "runtime/rules"},
	"internal/envelope":                     {"runtime/contract", "runtime/wire"},
	"internal/sqlstore":                     {"runtime/contract"},
	"runtime/rules":                         {},
	"runtime/wire":                          {},
	"runtime/wire/foreign":                  {"runtime/wire"},
	"runtime/necrotest":                     {"backends/memory", "internal/schedule", "runtime", "runtime/contract", "runtime/internal/engine"},
	"backends/memory":                       {"runtime/contract"},
	"backends/redisstream":                  {"backends/redisstream/internal/conn", "backends/redisstream/internal/loop", "backends/redisstream/internal/message", "backends/redisstream/internal/resp", "backends/redisstream/internal/store", "backends/redisstream/internal/table", "internal/environ", "runtime/contract", "runtime/wire"},
	"backends/redisstream/internal/conn":    {"backends/redisstream/internal/resp", "backends/redisstream/internal/store", "internal/environ", "runtime/contract"},
	"backends/redisstream/internal/held":    {"runtime/contract", "runtime/wire"},
	"backends/redisstream/internal/loop":    {"backends/redisstream/internal/conn", "backends/redisstream/internal/held", "backends/redisstream/internal/message", "backends/redisstream/internal/resp", "backends/redisstream/internal/store", "backends/redisstream/internal/table", "runtime/contract", "runtime/wire"},
	"backends/redisstream/internal/message": {"internal/envelope", "internal/freeze", "runtime/contract", "runtime/wire"},
	"backends/redisstream/internal/resp":    {},
	"backends/redisstream/internal/store":   {"backends/redisstream/internal/resp"},
	"backends/redisstream/internal/table":   {"backends/redisstream/internal/conn", "backends/redisstream/internal/message", "backends/redisstream/internal/store", "runtime/contract"},
	"backends/postgres":                     {"internal/envelope", "internal/sqlstore", "runtime/contract", "runtime/wire"},
	"backends/sqlite":                       {"internal/envelope", "internal/sqlstore", "runtime/contract", "runtime/wire"},
	"backends/all":                          {"backends/memory", "backends/postgres", "backends/redisstream", "backends/sqlite", "runtime/contract"},
	"backends/backendtest":                  {"runtime", "runtime/contract", "runtime/wire"},
	"telemetry/health":                      {"internal/redact", "runtime", "runtime/contract"},
	"telemetry/logs":                        {"internal/environ", "internal/redact"},
	"telemetry/necroprom":                   {"runtime", "telemetry/internal/measure"},
	"telemetry/necrotel":                    {"runtime", "runtime/contract", "telemetry/internal/measure"},
	"necroctl":                              {"backends/redisstream", "internal/cli/arguments", "internal/cli/completion", "internal/cli/terminal", "internal/environ", "internal/operate", "internal/redact/msgpackjson", "internal/spelling", "internal/topology", "runtime/contract", "runtime/wire"},
	"service":                               {"backends/all", "console", "internal/environ", "internal/spelling", "runtime", "runtime/topology", "telemetry/health", "telemetry/logs", "telemetry/necroprom", "telemetry/necrotel"},
	"console":                               {"internal/layout", "internal/operate", "internal/redact", "internal/redact/msgpackjson", "runtime/contract"},
	"cmd/necroctl":                          {"backends/all", "backends/postgres", "console", "necroctl", "runtime/contract"},

	// The generator, from the model up.
	"internal/gen/model":     {"internal/policykey"},
	"internal/gen/directive": {"internal/policykey", "internal/gen/model", "internal/spelling"},
	"internal/gen/rule":      {"internal/gen/model"},
	"internal/gen/graph":     {"internal/policykey", "internal/gen/model"},
	"internal/gen/diag":      {"internal/gen/shortpath"},
	"internal/gen/source":    {"internal/gen/diag", "internal/gen/directive", "internal/gen/rule", "internal/gen/model"},
	"internal/gen/check": {"internal/gen/diag", "internal/gen/directive", "internal/policykey", "internal/gen/rule", "internal/gen/model", "internal/spelling",
		"internal/gen/graph", "internal/schedule"},
	"internal/gen/analyzers": {"internal/gen/directive", "internal/gen/model", "internal/spelling"},
	"templates":              {"internal/policykey", "internal/gen/rule", "internal/gen/model"},
	"internal/gen/write":     {"internal/gen/diag", "internal/gen/shortpath", "internal/gen/model"},
	"internal/gen/lock":      {"internal/gen/diag", "internal/gen/rule", "internal/gen/model", "internal/gen/write"},
	"internal/gen/schema":    {"internal/gen/rule", "internal/gen/model"},
	"internal/gen/timetable": {"internal/gen/graph", "internal/gen/model", "internal/schedule"},
	"internal/gen/sagatable": {"internal/gen/graph", "internal/gen/model"},
	"internal/gen/release":   {"internal/gen/graph", "internal/gen/model", "internal/topology"},
	"internal/gen/draw":      {"internal/gen/model", "internal/gen/graph", "internal/layout"},
	"internal/gen/asyncapi":  {"internal/gen/schema", "internal/gen/graph"},
	"internal/gen/catalogue": {"internal/gen/draw", "internal/gen/model", "internal/gen/graph"},

	// Small things that all may use.
	"internal/freeze":             {},
	"internal/environ":            {"internal/policykey", "internal/spelling"},
	"internal/operate":            {"internal/schedule", "runtime/contract"},
	"internal/redact/msgpackjson": {"internal/redact", "runtime/wire"},
	"internal/topology":           {"runtime/contract"},
	"telemetry/internal/measure":  {"runtime", "runtime/contract"},
	"internal/layout":             {},
	"internal/policykey":          {},
	"internal/redact":             {},
	"internal/schedule":           {},
	"internal/spelling":           {},
	"internal/gen/shortpath":      {},
	"internal/cli/terminal":       {},
}

// owners lists, for each package outside of the module that has few importers, the folders that import it. Where the
// owner is a file, no other file of its folder imports the package: backend.go has the constructor that takes the
// user's Redis client, whose type only go-redis can name.
var owners = map[string][]string{
	"github.com/dave/jennifer/jen": {"templates"},
	"go/types":                     {"internal/gen/analyzers", "internal/gen/source"},
	"github.com/redis/go-redis/v9": {"backends/redisstream/backend.go", "backends/redisstream/internal/conn", "cmd/necroctl",
		"examples/internal/cli", "examples/orderbook", "internal/proof/chaos", "internal/proof/field",
		"bench", "bench/migrating/fromasynq", "bench/migrating/fromwatermill", "bench/migrating/tonecro"},
	"github.com/jackc/pgx/v5":           {"backends/postgres"},
	"modernc.org/sqlite":                {"backends/sqlite", "examples/outbox"},
	"github.com/vmihailenco/msgpack/v5": {"runtime/wire/foreign", "internal/proof/difftest/compare", "internal/proof/difftest/shapes", "bench"},
}

// imports returns what the folders of the repository import, and each of their files: all import paths, tests aside.
func imports(t *testing.T) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || name == "node_modules" || name != ".." && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		if found[folder] == nil {
			found[folder] = map[string]bool{}
		}
		ofFile := map[string]bool{}
		found[folder+"/"+name] = ofFile
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[folder][imported], ofFile[imported] = true, true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestImportsGoOneWay wants exactly the imports of the tables: an import that is not listed is an arrow that goes the
// wrong way, and a listed one that does not exist would allow one later.
func TestImportsGoOneWay(t *testing.T) {
	found := imports(t)
	for folder, allowed := range ours {
		var imported []string
		for path := range found[folder] {
			if name, ok := strings.CutPrefix(path, module); ok {
				imported = append(imported, name)
			}
		}
		slices.Sort(imported)
		if slices.Sort(allowed); !slices.Equal(imported, allowed) {
			t.Errorf("%s imports %v of this repository; its layer allows exactly %v", folder, imported, allowed)
		}
	}
	for imported, allowed := range owners {
		importers := importersOf(found, imported, allowed)
		if slices.Sort(allowed); !slices.Equal(importers, allowed) {
			t.Errorf("%s is imported by %v; its owners are exactly %v", imported, importers, allowed)
		}
	}
}

// importersOf returns the folders that import a package, and the files in place of a folder of which the owners name
// a file.
func importersOf(found map[string]map[string]bool, imported string, owners []string) (importers []string) {
	byFile := map[string]bool{}
	for _, owner := range owners {
		if isFile(owner) {
			byFile[path.Dir(owner)] = true
		}
	}
	for _, place := range slices.Sorted(maps.Keys(found)) {
		listed := !isFile(place) && !byFile[place] || isFile(place) && byFile[path.Dir(place)]
		if listed && found[place][imported] {
			importers = append(importers, place)
		}
	}
	return importers
}

// nested are the modules whose dependencies a user of the root module must not get.
var nested = []string{"backends/all", "backends/postgres", "backends/sqlite", "cmd/necroctl", "console", "service", "telemetry/necroprom", "telemetry/necrotel", "bench", "examples/fulfilment", "examples/outbox", "examples/service"}

// TestRootImportsNoNestedModule: without the workspace the root module would not build.
func TestRootImportsNoNestedModule(t *testing.T) {
	isNested := func(place string) bool {
		return slices.ContainsFunc(nested, func(dir string) bool { return place == dir || strings.HasPrefix(place, dir+"/") })
	}
	for folder, imported := range imports(t) {
		for path := range imported {
			if name, ours := strings.CutPrefix(path, module); ours && isNested(name) && !isNested(folder) {
				t.Errorf("%s imports %s, which is another module", folder, name)
			}
		}
	}
}

func isFile(place string) bool { return strings.HasSuffix(place, ".go") }

// TestOwnersMayBeFiles wants a second file of a folder to be told whose owner is one file.
func TestOwnersMayBeFiles(t *testing.T) {
	with, without := map[string]bool{"p": true}, map[string]bool{}
	found := map[string]map[string]bool{"a": with, "a/one.go": with, "a/two.go": with, "a/three.go": without, "b": with, "b/one.go": with}
	if got := importersOf(found, "p", []string{"a/one.go", "b"}); !slices.Equal(got, []string{"a/one.go", "a/two.go", "b"}) {
		t.Errorf("importers: %v", got)
	}
}
