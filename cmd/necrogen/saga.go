package main

import (
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/sagatable"
)

// printSaga prints the table of a saga.
func (c *command) printSaga(words []string) int {
	if len(words) == 0 {
		return c.tellMisuse(findVerb("saga"), errors.New("saga needs the name of an organ or of its state"))
	}
	return c.writeDocument(words[1:], func(g *graph.Graph) error {
		for _, s := range g.Sagas(func(*graph.Event) bool { return true }) {
			if s.Name == words[0] || s.State().GoName == words[0] {
				return sagatable.Write(c.stdout, s)
			}
		}
		return fmt.Errorf("there is no saga %s: a saga is an organ whose state says //necro:state saga", words[0])
	})
}
