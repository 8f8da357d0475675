package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// codecEdits break what generated code calls: the codec and the rules.
var codecEdits = map[string][]sabotage.Edit{
	"other-bytes": {{
		In: "runtime/wire", Decl: "AppendInt8",
		Old: `append(b, int8c, byte(v))`,
		New: `append(b, byte(v))`,
	}},
	"other-values": {{
		In: "runtime/wire", Decl: "readInteger",
		Old: `
			if signed {
				shift`,
		New: `
			if false {
				shift`,
	}},
	"lengths-trusted": {{
		In: "runtime/wire", Decl: "boundElements",
		Old: `int(min(uint64(n), (factor*uint64(len(s))+spare)/uint64(size)))`,
		New: `n`,
	}},
	"deep-trusted": {{
		In: "runtime/wire", Decl: "Scan",
		Old: `
			rest, err := Skip(View(b))
			if err != nil {
				return "", err
			}
			return string(b[:len(b)-len(rest)]), nil`,
		New: `return string(b), nil`,
	}},
	"any-trusted": {{
		In: "runtime/wire/foreign", Decl: "ReadAny",
		Old: `err := wire.Skip(s); err != nil`,
		New: `err := wire.Skip(s); false`,
	}},
	"circle-written": {{
		In: "runtime/wire", Decl: "Bounded",
		Old: `
			if err == nil {
				_, err = Skip(View(b[n:]))
			}`,
	}},
	"own-panics": {{
		In: "runtime/wire", Decl: "Call",
		Old: `
			if r := recover(); r != nil {
				err = &Error{Problem: fmt.Sprintf("its %s panics: %v", method, r)}
			}`,
	}},
	"keys-unsorted": {{
		In: "runtime/wire", Decl: "(*Entries).Sort",
		Old: `slices.SortFunc(e.list, compare)`,
	}},
	"alias-unread": {{
		In: "runtime/wire", Decl: "(*Names).findKey",
		Old: `n.Keys[n.Aliases[i-n.countFields()]], true`,
		New: `"", false`,
	}},
	"duplicates-taken": {{
		In: "runtime/wire", Decl: "(*Fields).slowPass",
		Old: `again := f.readTwice(); again >= 0`,
		New: `again := f.readTwice(); false`,
	}, {
		In: "runtime/wire", Decl: "(*ManyFields).Done",
		Old: `case f.twice:`,
		New: `case f.twice && f.Left < 0:`,
	}},
	"other-verdict": {{
		In: "runtime/rules", Decl: "Email",
		Old: `plainEmail(s)`,
		New: `s != ""`,
	}},
	"other-difference": {{
		In: "runtime/rules", Decl: "CVE",
		Old: `|| !allDigits(number)`,
		New: `|| false && !allDigits(number)`,
	}},
}
