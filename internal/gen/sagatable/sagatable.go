// Package sagatable prints what is proven of a saga.
package sagatable

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Write writes each event that the saga handles, with what its handler emits and what answers that, and whether it did. What
// nothing answers is marked with "never".
func Write(w io.Writer, s *graph.Saga) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "saga %s, state %s\n", s.Name, s.State().GoName)
	for _, h := range s.Handlers {
		title := h.Event.Name
		if h.GiveUp {
			title += " given up"
		}
		fmt.Fprintf(out, "\n%s  (%s)\n", title, h.Method)
		for _, command := range s.Commands(h) {
			for _, a := range s.Answers(command) {
				fmt.Fprintf(out, "\temits %s to %s: answered by %s, given up with %s\n", command.Name, a.Handler.Organ.Name, nameOf(a.Event), nameOf(a.GaveUp))
			}
		}
		for _, fact := range facts(h) {
			fmt.Fprintf(out, "\t%s\n", fact)
		}
	}
	return out.Flush()
}

func nameOf(e *graph.Event) string {
	if e == nil {
		return "never"
	}
	return e.Name
}

// facts are what else a handler does with the record.
func facts(h *graph.Handler) (list []string) {
	if timers := h.Timers(); len(timers) > 0 {
		list = append(list, "timers "+joinNames(timers))
	}
	if undos := h.Undos(); len(undos) > 0 {
		list = append(list, "keeps "+joinNames(undos))
	}
	if h.Compensates {
		list = append(list, "may turn back and emit "+joinNames(h.Organ.Undos()))
	}
	if h.Ends {
		list = append(list, "may end")
	}
	return list
}

func joinNames(events []*model.Event) string {
	var names []string
	for _, e := range events {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}
