package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// generatorEdits break necrogen: its model, checks, templates and verbs.
var generatorEdits = map[string][]sabotage.Edit{
	"write-unseen": {{
		In: "internal/gen/analyzers", Decl: "(*writer).writesIn",
		Old: `m.holdsReference(i.Addr)`,
		New: `false`,
	}},
	"no-shape-guard": {{
		In: "templates", Decl: "(*generator).shapeGuard",
		Old: `
			f.Commentf("%s has changed when this does not compile: run go generate.", o.typ.Name)
			f.Var().Id("_").Op("=").Parens(jen.Op("*").Add(name)).
				Parens(jen.Parens(jen.Op("*").Add(fields)).Parens(jen.Nil()))`,
	}},
	"other-field": {{
		In: "internal/gen/model", Decl: "(*Type).Selected",
		Old: `len(found) == 1`,
		New: `len(found) >= 1`,
	}},
	"comment-ignored": {{
		In: "internal/gen/check", Decl: "(*checker).checkDirective",
		Old: `c.nearMiss(d)`,
	}},
	"rule-ignored": {{
		In: "internal/gen/check", Decl: "ruled.judgeWord",
		Old: `r.unknownRule(pos, one)`,
	}},
	"pattern-believed": {{
		In: "internal/gen/source", Decl: "patternsIn",
		Old: `isPatternType(v.Type, pkg) && len(v.Values) > 0 ||`,
		New: `true || isPatternType(v.Type, pkg) && len(v.Values) > 0 ||`,
	}},
	"zero-guessed": {{
		In: "internal/gen/rule", Decl: "onZero",
		Old: `return takenIf(there)`,
		New: `return Refuses`,
	}},
	"nested-rules-unseen": {{
		In: "internal/gen/lock", Decl: "(*comparison).compareRequired",
		Old: `now := c.fieldSide(c.now, f, in.after)`,
		New: `
			now := c.fieldSide(c.now, f, in.after)
			if now.onZero().Path != "" {
				return
			}`,
	}},
	"unasked-rules-known": {{
		In: "internal/gen/lock", Decl: "newlyRefused",
		Old: `before.asked`,
		New: `true`,
	}},
	"state-unlocked": {{
		In: "internal/gen/lock", Decl: "(*File).all",
		Old: `f.States`,
		New: `f.States[:0]`,
	}},
	"state-keyless": {{
		In: "internal/gen/check", Decl: "(*checker).keyedEvents",
		Old: `|| findsRecord(h.Event)`,
		New: `|| true`,
	}},
	"timer-loose": {{
		In: "internal/gen/check", Decl: "(*checker).timerHandled",
		Old: `at >= 0 && o.Handlers[at].State != nil`,
		New: `at >= 0`,
	}},
	"timer-other-key": {{
		In: "internal/gen/check", Decl: "(*checker).timerKey",
		Old: `len(names) > 0`,
		New: `false`,
	}},
	"saga-unanswered": {{
		In: "internal/gen/graph", Decl: "(*walk).followHandler",
		Old: `return &Gap{Lack: lack, At: h, Way: way}`,
		New: `return nil`,
	}},
	"saga-untold": {{
		In: "internal/gen/graph", Decl: "(*walk).followTakers",
		Old: `return &Gap{Lack: NoGiveUp, At: h, Way: way}`,
		New: `continue`,
	}},
	"saga-proven": {{
		In: "internal/gen/graph", Decl: "(*walk).markProven",
		Old: `w.proven[to] = true`,
		New: ``,
	}, {
		In: "internal/gen/graph", Decl: "(*walk).markProven",
		Old: `!onWay || a == to`,
		New: `false`,
	}},
	"saga-own-timer": {{
		In: "internal/gen/graph", Decl: "(*Saga).reached",
		Old: `x.Timer && next.Organ != h.Organ`,
		New: `x.Timer`,
	}},
	"saga-untimed": {{
		In: "internal/gen/graph", Decl: "(*Saga).Gaps",
		Old: `len(h.Timers()) == 0`,
		New: `false`,
	}},
	"saga-endless": {{
		In: "internal/gen/graph", Decl: "(*Saga).findEnd",
		Old: `return way, false`,
		New: `return way, true`,
	}},
	"saga-loose": {{
		In: "internal/gen/lock", Decl: "WithoutAccepted",
		Old: `a.Change == d.Message`,
		New: `true`,
	}},
	"undo-missing": {{
		In: "internal/gen/check", Decl: "(*checker).keepsUndos",
		Old: `slices.Contains(h.Keeps, undo)`,
		New: `true`,
	}},
	"undo-apart": {{
		In: "internal/gen/check", Decl: "(*checker).undoFollows",
		Old: `o.Policy.Word("order") == ""`,
		New: `false`,
	}},
	"state-for-ever": {{
		In: "templates", Decl: "(*generator).stateLines",
		Old: `s.TTL > 0`,
		New: `false`,
	}},
	"gone-unseen": {{
		In: "internal/gen/lock", Decl: "Against",
		Old: `wholeFolders(t, dir, patterns)`,
		New: `wholeFolders(t, dir, patterns[:0])`,
	}},
	"moved-is-gone": {{
		In: "internal/gen/lock", Decl: "compareMoved",
		Old: `others()`,
		New: `others()[:0]`,
	}},
	"hook-misleads": {{
		In: "internal/gen/lock", Decl: "openRepository",
		Old: `withoutGit(os.Environ())`,
		New: `os.Environ()`,
	}},
	"nothing-compared": {{
		In: "internal/gen/lock", Decl: "Against",
		Old: `len(a.locks) == 0`,
		New: `false`,
	}},
	"schema-lax": {{
		In: "internal/gen/schema", Decl: "refusesZero",
		Old: `rule.OnZero(t, rules).Verdict == rule.Refuses`,
		New: `rule.OnZero(t, rules).Verdict == rule.Refuses && rules != nil && len(rules.List) > 0 && rules.List[0].Name == "required"`,
	}},
	"embedded-twice": {{
		In: "internal/gen/check", Decl: "walk.wireNames",
		Old: `other[0] != way[0]`,
		New: `other[len(other)-1] != f && other[0] != way[0]`,
	}},
	"opened-unseen": {{
		In: "internal/gen/check", Decl: "walk.judgeDoors",
		Old: `isOpenedByReading(parent, f)`,
		New: `false`,
	}},
	"many-in-place": {{
		In: "templates", Decl: "(*generator).decoderFunc",
		Old: `len(fields) > manyFields`,
		New: `len(fields) > 1000*manyFields`,
	}},
	"wide-bound-narrow": {{
		In: "templates", Decl: "widenedInt",
		Old: `n > math.MaxInt32`,
		New: `false`,
	}},
	"apart-unread": {{
		In: "templates", Decl: "(*generator).importAliases",
		Old: `g.pkg.Apart`,
		New: `g.pkg.Names`,
	}},
	"sealed-unheard": {{
		In: "internal/gen/source", Decl: "methodIn",
		Old: `true, pkg, name`,
		New: `true, nil, name`,
	}},
	"letters-refused": {{
		In: "internal/gen/directive", Decl: "ValidName",
		Old: `namePattern.MatchString(s)`,
		New: `namePattern.MatchString(s) && s[0] < utf8.RuneSelf`,
	}},
	"rules-undocumented": {{
		In: "internal/gen/rule", Decl: "presence",
		Old: `"must not be set"`,
		New: `"must be empty"`,
	}},
	"mistake-told-twice": {{
		In: "internal/gen/check", Decl: "(*checker).rejectedDirective",
		Old: `c.rejects[p.Path+"."+name]`,
		New: `nil`,
	}},
	"line-comment-believed": {{
		In: "internal/gen/source", Decl: "(*loader).positionOf",
		Old: `l.fset.PositionFor(p, false)`,
		New: `l.fset.Position(p)`,
	}},
	"work-repeated": {{
		In: "templates", Decl: "(*generator).fingerprintOf",
		Old: `g.prints[key] = hash`,
	}},
	"shape-foreign": {{
		In: "templates", Decl: "(*generator).shapeGuard",
		Old: `o.typ.Module != g.pkg.Module ||`,
	}},
	"foreign-flood": {{
		In: "internal/gen/check", Decl: "shownForeign",
		Old: `3`,
		New: `1000`,
	}},
	"topology-hidden": {{
		In: "internal/gen/check", Decl: "Check",
		Old: `c.checkChains()`,
		New: `
			if len(c.diags) == 0 {
				c.checkChains()
			}`,
	}},
	"check-forgotten": {{
		In: "internal/gen/source", Decl: "(*loader).bindChecks",
		Old: `t.Checks = append(t.Checks, &model.Check{Pos: f.Pos, Name: f.Name})`,
		New: `
			if t.Event != nil {
				t.Checks = append(t.Checks, &model.Check{Pos: f.Pos, Name: f.Name})
			}`,
	}},
	"structs-undescribed": {{
		In: "internal/gen/catalogue", Decl: "Write",
		Old: `p.writeStructs()`,
	}},
	"wrote-some": {{
		In: "cmd/necrogen", Decl: "(*command).planChanges",
		Old: `
			if len(p.diags) > 0 {
				p.diags = advise.Unloaded(c.dir, patterns, p.diags)
				return p, advise.Failure(c.dir, nil)
			}`,
		New: `c.printDiagnostics(advise.Unloaded(c.dir, patterns, p.diags))`,
	}},
	"disk-half-written": {{
		In: "internal/gen/write", Decl: "Apply",
		Old: `staged[i] = name`,
		New: `
			staged[i] = name
			if err := commitFile(c, name); err != nil {
				return err
			}`,
	}},
	"not-taken-back": {{
		In: "internal/gen/write", Decl: "Apply",
		Old: `, takeBack(changes[:i])`,
		New: `, error(nil)`,
	}},
	"overwrites": {{
		In: "internal/gen/write", Decl: "Plan",
		Old: `c.Old != nil && !bytes.HasPrefix(c.Old, []byte(model.FirstLine))`,
		New: `false`,
	}},
	"init-overwrites": {{
		In: "internal/gen/scaffold", Decl: "Init",
		Old: `err := inTheWay(o); err != nil`,
		New: `err := inTheWay(o); false`,
	}},
	"init-service-overwrites": {{
		In: "internal/gen/scaffold", Decl: "addServiceObstacles",
		Old: `err == nil`,
		New: `false`,
	}},
	"init-service-killed": {{
		In:  "internal/gen/scaffold/service/deploy/kubernetes.yaml",
		Old: `terminationGracePeriodSeconds: 45`,
		New: `terminationGracePeriodSeconds: 30`,
	}},
	"writes-again": {{
		In: "internal/gen/write", Decl: "compareFile",
		Old: `bytes.Equal(withoutReturns(old), wanted)`,
		New: `bytes.Equal(withoutReturns(old), nil)`,
	}},
	"compiles-users": {{
		In: "internal/gen/source", Decl: "(*loader).addDependency",
		Old: `
			case p.inMainModule():
				l.addBase(p, l.readBase(p))`,
	}},
	"old-dependency": {{
		In: "internal/gen/source", Decl: "hashFile",
		Old: `bytes.NewReader(content)`,
		New: `bytes.NewReader(nil)`,
	}},
	"trimmed-cache": {{
		In: "internal/gen/source", Decl: "exportCache.get",
		Old: `err != nil || info`,
		New: `err == nil && info`,
	}},
	"stale-unnoticed": {{
		In: "cmd/necrogen", Decl: "(*command).checkFiles",
		Old: `p.diags = append(p.diags, change.Diagnostic())`,
	}},
	"checkout-stale": {{
		In: "internal/gen/write", Decl: "compareFile",
		Old: `withoutReturns(old)`,
		New: `old`,
	}},
}
