package invent

import (
	"fmt"
	"path"
	"strings"
)

// mistake is a declaration with something wrong at the mark ‸, and the code that is due in its line.
// In it # is a number, CTX, ANY, EMIT and OUT are types of package necro and of others, and EV
// is an event.
type mistake struct{ code, text string }

var mistakes = []mistake{
	{"NC010", "//necro:‸evnt\ntype M# struct{}"},
	{"NC010", "//necro:‸handler retry=5\nfunc (*M#) On(CTX, EV) {}\n\ntype M# struct{}"},
	{"NC011", "‸// necro:event\ntype M# struct{ A int }"},
	{"NC011", "‸//Necro:event\ntype M# struct{ A int }"},
	{"NC011", "‸/*necro:event*/\ntype M# struct{ A int }"},
	{"NC012", "‸//necro:event\n\ntype M# struct{ A int }"},
	{"NC013", "‸//necro:event\ntype M# interface{ M() }"},
	{"NC013", "‸//necro:event\nfunc M#() {}"},
	{"NC013", "‸//necro:handle\nvar M# int"},
	{"NC013", "type M# struct {\n\t‸//necro:event\n\tA int\n}"},
	{"NC014", "//necro:event\n‸//necro:organ\ntype M# struct{ A int }"},
	{"NC015", "//necro:event ‸ky=A\ntype M# struct{ A int }"},
	{"NC016", "//necro:event key=A ‸key=A\ntype M# struct{ A int }"},
	{"NC017", "//necro:event ‸retry=5\ntype M# struct{ A int }"},
	{"NC018", "//necro:event ‸2x\ntype M# struct{ A int }"},
	{"NC019", "//necro:event ‸key=\"A\"\ntype M# struct{ A int }"},
	{"NC021", "//necro:event ‸key=\ntype M# struct{ A int }"},
	{"NC022", "//necro:event ‸output=yes\ntype M# struct{ A int }"},
	{"NC023", "//necro:event output ‸M_#\ntype M# struct{ A int }"},
	{"NC025", "//necro:event\ntype ‸M#[T interface{}] struct{ A T }"},
	{"NC026", "type m# struct{}\n\n//necro:check\nfunc (m#) ‸check() error { return nil }"}, // of an exported one it depends on what is loaded
	{"NC030", "//necro:event SAME_#\ntype N# struct{}\n\n//necro:event ‸SAME_#\ntype M# struct{}"},
	{"NC031", "//necro:event key=‸Aa\ntype M# struct{ A int }"},
	{"NC032", "//necro:event key=‸A\ntype M# struct{ A float64 }"},
	{"NC033", "//necro:event version=‸0\ntype M# struct{ A int }"},
	{"NC034", "//necro:event\ntype M# struct{ A int }\n\nfunc (*M#) ‸NecroEvent() {}"},
	{"NC035", "//necro:event\ntype M# struct{ A int }\n\nfunc (*M#) ‸Validate() error { return nil }"},
	{"NC036", "//necro:event\ntype M# struct{ A int }\n\n//necro:check\nfunc (*M#) ‸check(int) error { return nil }"},
	{"NC037", "//necro:event\ntype M# struct{ A int }\n\n//necro:upcast\nfunc ‸up#(*M#) (M#, error) { return M#{}, nil }"},
	{"NC038", "//necro:event M_#\ntype ‸M# struct{ A int }\n\n//necro:event M_# version=2\ntype N# struct{ A int }"},
	{"NC041", "//necro:event\ntype M# struct{ A []x# }\n\ntype ‸x# int"},
	{"NC043", "//necro:event\ntype M# struct{ ‸Validate int }"},
	{"NC050", "//necro:organ same.#\ntype N# struct{}\n\n//necro:handle\nfunc (N#) On(CTX, EV) {}\n\n" +
		"//necro:organ ‸same.#\ntype M# struct{}\n\n//necro:handle\nfunc (M#) On(CTX, EV) {}"},
	{"NC051", "//necro:organ\ntype ‸M# struct{}"},
	{"NC052", "type M# struct{}\n\n//necro:handle\nfunc (*M#) ‸On(CTX, EV) {}"},
	{"NC053", handlerMistake("‸EV")},
	{"NC053", handlerMistake("‸EV, CTX")},
	{"NC054", handlerMistake("CTX, ‸int")},
	{"NC055", handlerMistake("CTX, ‸[]EV")},
	{"NC056", handlerMistake("CTX, EV, ‸OUT[EV]")},
	{"NC057", handlerMistake("CTX, EV, ‸EMIT[*EV]")},
	{"NC066", handlerMistake("CTX, EV, ‸EMIT[int]")},
	{"NC058", handlerMistake("CTX, EV, ‸int")},
	{"NC059", resultMistake("‸int")},
	{"NC060", resultMistake("‸error, N#") + "\n\n//necro:event\ntype N# struct{}"},
	{"NC141", "//necro:organ\ntype M# struct{}\n\n//necro:event\ntype N# struct{}\n\n" +
		"//necro:handle\nfunc (*M#) ‸On(CTX, *N#) (*N#, error) { return nil, nil }"},
	{"NC061", handlerMistake("CTX, EV") + "\n\n//necro:handle\nfunc (*M#) ‸Again(CTX, *EV) {}"},
	{"NC062", "type I# interface{ Unheard#() }\n\n" + handlerMistake("CTX, ‸I#")},
	{"NC070", policyMistake("retry=‸x")},
	{"NC070", policyMistake("onfail=‸ded")},
	{"NC071", policyMistake("retry=‸0")},
	{"NC071", policyMistake("timeout=‸-1s")},
	{"NC072", policyMistake("‸order=strict concurrency=2")},
	{"NC073", policyMistake("backoff=‸2s..1s")},
	{"NC081", "//necro:event\ntype M# struct{ ‸A chan int }"},
	{"NC081", "//necro:event\ntype M# struct{ B int; ‸A []func() }"},
	{"NC081", "//necro:event\ntype M# struct{ A N# }\n\ntype N# struct{ B []map[string]*K# }\n\ntype K# struct{ ‸C uintptr }"},
	{"NC081", "//necro:event\ntype M# struct{ ‸A *complex128 }"},
	{"NC082", "//necro:event\ntype M# struct{ A int `msgpack:\"x\"`; ‸B int `msgpack:\"x\"` }"},
	{"NC083", "//necro:event\ntype M# struct{ ‸a int }"},
	{"NC084", "//necro:event\ntype M# struct{ A int `msgpack:\"a,‸omitemty\"` }"},
	{"NC085", "//necro:event\ntype M# struct{ A int ‸`msgpack:a` }"},
	{"NC088", "//necro:event\ntype M# struct{ a int `msgpack:\"-\" validate:\"‸min=1\"` }"},
	{"NC089", "//necro:event\ntype M# struct{ A int `‸msgpck:\"a\"` }"},
	{"NC092", "//necro:event\ntype M# struct{ ‸*M#; A int }"},
	{"NC093", "//necro:event\ntype M# struct{ ‸m#; A int }\n\ntype m# int"},
	{"NC096", "//necro:event\ntype M# struct{ A string `msgpack:\"a,‸intern\"` }"},
	{"NC100", tagMistake("string", "‸requird")},
	{"NC100", tagMistake("[]string", "max=3,dive,‸emial")},
	{"NC102", tagMistake("int", "‸email")},
	{"NC102", tagMistake("bool", "required,‸min=1")},
	{"NC102", tagMistake("int", "‸dive")},
	{"NC103", tagMistake("int", "‸min=x")},
	{"NC103", tagMistake("int", "required,‸max")},
	{"NC104", tagMistake("string", "‸email=x")},
	{"NC105", tagMistake("int", "‸eqfield=Bb")},
	{"NC106", tagMistake("int", "‸eqfield=S") + "\n"},
	{"NC107", tagMistake("int", "required,‸,min=1")},
	{"NC010", "//necro:‸stat\ntype M# struct{ A int }"},
	{"NC023", "//necro:state ‸saga2\ntype M# struct{ A int }"},
	{"NC070", "//necro:state ttl=‸90\ntype M# struct{ A int }"},
	{"NC071", "//necro:state ttl=‸1ms\ntype M# struct{ A int }"},
	{"NC081", "//necro:state\ntype M# struct{ ‸A chan int }"},
	{"NC120", stateMistake("CTX, ‸K#, *N#")},
	{"NC121", stateMistake("CTX, *K#, ‸*K#, *N#")},
	{"NC123", stateMistake("CTX, *K#, *N#") + "\n\n//necro:event\ntype L# struct{}\n\n" +
		"//necro:handle\nfunc (*M#) Loose(CTX, *K#, ‸*L#) {}"},
}

// stateMistake is a handler of an organ with the state K# and the event N#, which has a key.
func stateMistake(params string) string {
	return "//necro:state\ntype K# struct{ B int }\n\n//necro:event key=A\ntype N# struct{ A int }\n\n" + handlerMistake(params)
}

func handlerMistake(params string) string {
	return "//necro:organ\ntype M# struct{}\n\n//necro:handle\nfunc (*M#) On(" + params + ") {}"
}

func resultMistake(results string) string {
	return "//necro:organ\ntype M# struct{}\n\n//necro:handle\nfunc (*M#) On(CTX, EV) (" + results + ") { panic(0) }"
}

func policyMistake(args string) string {
	return "//necro:organ " + args + "\ntype M# struct{}\n\n//necro:handle\nfunc (*M#) On(CTX, EV) {}"
}

func tagMistake(typ, rules string) string {
	return "//necro:event\ntype M# struct{ S string; A " + typ + " `validate:\"" + rules + "\"` }"
}

// The marks: where the diagnostic is due, and around the declaration.
const mark, begin, end = "‸", "\ue000", "\ue001"

// addMistakes adds declarations with mistakes to a package. One that is only told when nothing
// else is wrong comes alone.
func (g *gen) addMistakes(p *pkg, n int) {
	for range n {
		m := pickOne(g, mistakes)
		if m.code == "NC141" && n > 1 {
			continue
		}
		g.count++
		number := fmt.Sprint(g.world.index*1000 + g.count)
		p.takeName("M" + number)
		p.takeName("N" + number)
		ev := pickOne(g, p.families).newestVersion()
		p.addDecl(func(f *file) string {
			text := strings.ReplaceAll(m.text, "#", number)
			text = f.fillTypes(text, ev)
			f.marks = append(f.marks, m.code)
			return begin + text + end
		})
	}
}

// fillTypes puts types in the place of their words. Those that are not needed import nothing.
func (f *file) fillTypes(text string, ev *typ) string {
	words := []struct {
		word  string
		write func() string
	}{
		{"CTX", func() string { return f.qualifyName(contextPath, "context", "Context") }},
		{"EMIT", func() string { return f.qualifyName(necroPath, "necro", "Emit") }},
		{"OUT", func() string { return f.qualifyName(necroPath, "necro", "Out") }},
		{"EV", func() string { return f.writeType(ev) }},
	}
	for _, w := range words {
		if strings.Contains(text, w.word) {
			text = strings.ReplaceAll(text, w.word, w.write())
		}
	}
	return text
}

// findMarks takes the marks out of a file, and remembers where they were.
func (f *file) findMarks(source string) string {
	g := f.pkg.gen
	for _, code := range f.marks {
		first := lineOf(source, begin)
		last := lineOf(source, end)
		source = strings.Replace(strings.Replace(source, begin, "", 1), end, "", 1)
		before, after, _ := strings.Cut(source, mark)
		g.world.Mistakes = append(g.world.Mistakes, Mistake{
			File: path.Join(f.pkg.dir, f.name), Code: code, From: first, To: last,
			Line: 1 + strings.Count(before, "\n"),
		})
		source = before + after
	}
	return source
}

func lineOf(source, what string) int {
	before, _, _ := strings.Cut(source, what)
	return 1 + strings.Count(before, "\n")
}
