package invent

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// packageNames are those of packages, with many that generated code imports or declares.
var packageNames = strings.Fields(`shop order money stock ledger mail
	time wire rules necro math strconv context utf8 errors fmt slices bytes cmp regexp json
	b v e s in out vs err n i k ctx emitted inner start x f t o keys seen rest`)

// typeNames begin the names of types.
var typeNames = strings.Fields(`Order Leg Amount Price Item Line Account Person Über Entry
	Time Event Type Context Error Keys V E B Input Vs Necro Wire`)

// hiddenNames are those of unexported types; some are the variables of generated code.
var hiddenNames = strings.Fields(`leg item amount inner b v e in s vs i k n x t f o out err keys ok key size
	seen rest zero value elem p d w r c l m a y z text next entry i2 k2 x2 n2 v2 s2`)

// fieldNames are those of fields.
var fieldNames = strings.Fields(`ID Name Qty Price Total Legs Tags At For Data Sub Key Value Übermaß B2 X E V In
	Out Err N I S T F O K Vs Ctx String Len Append Msgpack Wire Rules Necro Time Type Bytes Int Error Is New Code
	Violations Keys Seen Rest Nil True Map Range Func`)

// predeclared are names of the universe that generated code may be thought not to need.
var predeclared = strings.Fields(`cap clear close complex copy delete imag max min panic print println real
	recover iota comparable complex64 complex128 uintptr any`)

// wireNames are names on the wire, some of which need care in Go source.
var wireNames = strings.Fields(`id name qty price total legs tags at for data sub key value x a-b a.b a/b ü 日本
	_ A Name 0 a_name_that_is_longer_than_thirty_one_characters`)

// typeName invents a name for a type of a package. Exported names are unique in the module, so
// that those of events and organs are. Those of generated variables are refused.
func (g *gen) typeName(p *pkg, exported bool) string {
	for {
		name := pickOne(g, hiddenNames)
		if exported {
			g.count++
			name = fmt.Sprintf("%s%d", pickOne(g, typeNames), g.world.index*1000+g.count)
		} else if g.IntN(2) == 0 {
			name += fmt.Sprint(g.IntN(100))
		}
		if !model.Local(name) && p.takeName(name) {
			return name
		}
	}
}

// plainName invents an exported name without a number: two packages may share it.
func (g *gen) plainName(p *pkg) string {
	if name := pickOne(g, typeNames); p.takeName(name) {
		return name
	}
	return g.typeName(p, true)
}

// uniqueName appends numbers until a name is new.
func uniqueName(name string, taken map[string]bool) string {
	out := name
	for i := 2; taken[out]; i++ {
		out = fmt.Sprintf("%s%d", name, i)
	}
	taken[out] = true
	return out
}

func isExported(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// keywords are no names of packages or files' imports.
var keywords = strings.Fields(`break case chan const continue default defer else fallthrough for func go goto if import
	interface map package range return select struct switch type var`)
