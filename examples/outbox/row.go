package main

import (
	"errors"
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
)

// row is an event in the outbox.
type row struct {
	batch   string // that it was taken in
	seq     int64
	id      string
	event   string
	version int
	payload []byte
	failed  string // why it cannot be published
}

// errRow says that a row will not get better.
var errRow = errors.New("not to be published")

// decodeRow returns the row's event and its id.
func (r *row) decodeRow() (necro.Event, necro.ID, error) {
	id, err := necro.ParseID(r.id)
	if err != nil {
		return nil, id, fmt.Errorf("%w: %w", errRow, err)
	}
	for _, t := range eventTypes {
		if t.Name != r.event || t.Version != r.version {
			continue
		}
		e := t.New()
		if _, err := e.ReadMsgpack(r.payload); err != nil {
			return nil, id, fmt.Errorf("%w: %w", errRow, err)
		}
		return e, id, nil
	}
	return nil, id, fmt.Errorf("%w: no event %s of version %d: add it to eventTypes", errRow, r.event, r.version)
}
