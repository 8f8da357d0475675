package check

import (
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// aliased is an event or an organ, with its name and what its directive says of former ones.
type aliased struct {
	what      string // "event" or "organ"
	name      string
	namePos   model.Pos
	directive *model.Directive
}

// checkAliases reports former names that are in use: as a name, or as a former name of another.
// Versions of one event may share theirs.
func (c *checker) checkAliases(all []aliased) {
	names, claimed := map[string]aliased{}, map[string]aliased{}
	for _, a := range all {
		if _, again := names[a.name]; !again {
			names[a.name] = a
		}
	}
	for _, a := range all {
		arg := a.directive.Arg("alias")
		if arg == nil || arg.Value == "" || arg.Quoted {
			continue
		}
		for alias, pos := range directive.AliasPositions(arg) {
			if !directive.ValidName(alias) {
				continue
			}
			if holder, taken := names[alias]; taken {
				c.aliasTaken(a, holder, alias, pos)
				continue
			}
			if holder, taken := claimed[alias]; taken && holder.name != a.name {
				c.addDiag(diag.New(diag.AliasTaken, pos, alias, "a former name of another "+a.what).
					WithHint("only one of the two can have had it").
					WithRelated(holder.directive.Arg("alias").ValuePos, "claimed here, by %s", holder.name))
				continue
			}
			claimed[alias] = a
		}
	}
}

func (c *checker) aliasTaken(a, holder aliased, alias string, pos model.Pos) {
	if a.name == alias {
		c.addDiag(diag.New(diag.AliasTaken, pos, alias, "the name of the "+a.what+" itself").
			WithHint("an alias is a former name: leave it out"))
		return
	}
	c.addDiag(diag.New(diag.AliasTaken, pos, alias, "the name of another "+a.what).
		WithHint("an alias is a name that nothing has any more").
		WithRelated(holder.namePos, "declared here"))
}
