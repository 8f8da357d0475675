package main

import (
	"context"
	"errors"
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// organs whose deliveries may become dead letters: those of the channels, and in great trouble
// the others.
var organs = [...]string{"email", "sms", "push", "validator", "router", "completion", "delivery_audit"}

// page is how many dead letters are read at a time.
const page = 500

// visitLetters calls see for each dead letter of an organ, oldest first, until it returns false.
func (s *service) visitLetters(ctx context.Context, organ string, see func(*contract.DeadLetter) bool) error {
	for after := (necro.ID{}); ; {
		list, err := s.backend.DeadLetters(ctx, organ, after, page)
		if err != nil || len(list) == 0 {
			return err
		}
		for i := range list {
			if !see(&list[i]) {
				return nil
			}
		}
		after = list[len(list)-1].ID
	}
}

// redriveOrgans stores all dead letters of some organs again, and returns how many.
func (s *service) redriveOrgans(ctx context.Context, names ...string) (all int, err error) {
	for _, organ := range names {
		var ids []necro.ID
		wrong := s.visitLetters(ctx, organ, func(l *contract.DeadLetter) bool {
			ids = append(ids, l.ID)
			return true
		})
		n, failed := s.backend.Redrive(ctx, organ, ids...)
		all += n
		err = errors.Join(err, wrong, failed)
	}
	return all, err
}

// deliveryOf reads the delivery of a dead letter; ok is false where it has none, or cannot be
// read any more.
func deliveryOf(l *contract.DeadLetter) (d *Delivery, ok bool) {
	payload, err := l.Message.Encoded()
	if err != nil {
		return nil, false
	}
	switch l.Organ {
	case "email":
		e := new(EmailRequested)
		_, err = e.ReadMsgpack(payload)
		d = &e.Delivery
	case "sms":
		e := new(SMSRequested)
		_, err = e.ReadMsgpack(payload)
		d = &e.Delivery
	case "push":
		e := new(PushRequested)
		_, err = e.ReadMsgpack(payload)
		d = &e.Delivery
	}
	return d, d != nil && err == nil
}

// lineOf is how a dead letter is listed.
func lineOf(l *contract.DeadLetter) string {
	why := fmt.Sprintf("%s: %s", countNoun(l.Attempts+1, "attempt"), l.Error)
	if d, ok := deliveryOf(l); ok {
		return fmt.Sprintf("%10d %-6s %-24s %s", d.NotificationID, d.Channel, d.To, why)
	}
	return fmt.Sprintf("%10s %-6s %-24s %s", "", l.Organ, l.Message.Type.Name, why)
}
