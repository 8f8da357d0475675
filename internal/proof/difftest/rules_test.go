package difftest

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/necrostack/necrogen/internal/gen/rule"
	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
)

var update = flag.Bool("update", false, "write the struct that has a field for each rule on text")

// onText says whether a rule is a field of shapes.Texts: it judges a text by itself.
func onText(r *rule.Rule) bool {
	return r.Form == rule.Call && r.Go != "" && r.Param == rule.None
}

// TestTexts: shapes.Texts has a field for each rule that judges a text by itself.
func TestTexts(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("package shapes\n\n// Texts has a field for each rule that judges a text by itself. It is written by\n" +
		"// go test ./internal/proof/difftest -run TestTexts -update, go generate follows.\n//\n//necro:event TEXTS\ntype Texts struct {\n")
	for _, r := range rule.All() {
		if onText(r) {
			name := strings.ReplaceAll(strings.ToUpper(r.Name[:1])+r.Name[1:], "_", "")
			fmt.Fprintf(&b, "\t%s string `msgpack:\"%s\" validate:\"%s\"`\n", name, r.Name, r.Name)
		}
	}
	b.WriteString("}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	const file = "shapes/rules_texts.go"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date (%v): go test -run TestTexts -update, then go generate", file, err)
	}
}

// TestKnownRules: the reference knows every rule of the table but our own, and every rule that the
// table says is missing.
func TestKnownRules(t *testing.T) {
	v := validator.New()
	for _, name := range append(rule.Names(), rule.Later...) {
		if name == "pattern" || name == "dive" || name == "keys" || name == "endkeys" {
			continue
		}
		err := func() (err error) {
			defer func() {
				if p := recover(); p != nil && strings.Contains(fmt.Sprint(p), "Undefined validation") {
					err = fmt.Errorf("%v", p)
				}
			}()
			_ = v.Var("", name)
			return nil
		}()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// allTexts are what rules take and refuse.
func allTexts() []string {
	var list []string
	for _, r := range rule.All() {
		list = append(append(list, r.Good...), r.Bad...)
	}
	return list
}

// TestEveryTextUnderEveryRule: what one rule is about is tried on all of them.
func TestEveryTextUnderEveryRule(t *testing.T) {
	ref, verdicts, violations := compare.Validator(), 0, 0
	for _, s := range allTexts() {
		n, err := compare.Verdict(ref, textsOf(s))
		if err != nil {
			t.Errorf("%q: %s", s, withoutValue(err))
		}
		verdicts += reflect.TypeFor[shapes.Texts]().NumField()
		violations += n
	}
	t.Logf("%d verdicts with %d violations compared", verdicts, violations)
}

// withoutValue is an error without the line that shows the event: it holds the same text all over.
func withoutValue(err error) string {
	if _, difference, ok := strings.Cut(err.Error(), "\n"); ok {
		return difference
	}
	return err.Error()
}

// TestCodes asks for all codes that there could be.
func TestCodes(t *testing.T) {
	ref := compare.Validator()
	try := func(s string) {
		if _, err := compare.Verdict(ref, codesOf(s)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for n := range 26 * 26 * 26 {
		s := string([]byte{byte('A' + n/676), byte('A' + n/26%26), byte('A' + n%26)})
		try(s)
		if n < 26*26 {
			try(s[1:])
		}
		if n < 1100 {
			try(fmt.Sprint(n))
		}
	}
}

// textsOf is the event with one text in all fields.
func textsOf(s string) *shapes.Texts {
	e := new(shapes.Texts)
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString(s)
	}
	return e
}

func codesOf(s string) *shapes.Codes {
	n := 0
	if _, err := fmt.Sscan(s, &n); err != nil || !unicode.IsDigit(rune(s[0])) {
		n = -1
	}
	return &shapes.Codes{
		Alpha2: s, Alpha2EU: s, Alpha3: s, Alpha3EU: s, Numeric: s, NumericEU: s, Country: s, CountryEU: s, Currency: s,
		Number: n, NumberEU: int16(n), Uint: uint64(n), UintEU: uint32(n), Money: n, UintMoney: uint(n), Port: n, UintPort: uint16(n),
	}
}

// FuzzTexts judges one text by all rules on texts.
func FuzzTexts(f *testing.F) {
	ref := compare.Validator()
	for _, s := range allTexts() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if differs(s) || len(s) > 4<<10 {
			return
		}
		if _, err := compare.Verdict(ref, textsOf(s)); err != nil {
			t.Fatalf("%q: %s", s, withoutValue(err))
		}
	})
}

// differs says whether docs/validation.md lists how the verdict on a text differs.
func differs(s string) bool {
	for _, r := range s {
		switch r {
		case '\u212a', '\u017f': // K and ſ are letters of a ULID to the reference
			return true
		}
	}
	// To the reference, one digit of the number of a CVE may be any character, and a port may be
	// a service that the machine knows; an address that begins with "]:" is a panic.
	const digits = "0123456789"
	cve := strings.HasPrefix(s, "CVE-") && len(s) > 9 && strings.Trim(s[9:], digits) != ""
	port := s[strings.LastIndexByte(s, ':')+1:]
	service := port != s && strings.Trim(strings.TrimLeft(port, "+-"), digits) != ""
	return cve || service || strings.HasPrefix(s, "]:")
}
