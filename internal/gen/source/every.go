package source

import (
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// bindSchedules gives events their schedules. The first //necro:every of a type counts.
func (b *builder) bindSchedules() {
	for _, p := range b.placed {
		if p.Verb != directive.Every || p.target.typ == nil || p.Target.Kind != model.TargetStruct {
			continue
		}
		for _, e := range b.unit.model.Events {
			if e.GoName == p.Target.Name && e.Pos == p.Target.Pos && e.Every == nil {
				e.Every = directive.Schedule(p.Directive)
			}
		}
	}
}
