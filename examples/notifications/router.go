package main

import (
	"context"
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
)

// Router makes a delivery for each channel on which the user can be reached. The address is looked up here,
// once: later attempts go to the same one.
//
//necro:organ router
type Router struct {
	Users *Directory
}

// Route makes the deliveries of a notification.
//
//necro:handle
func (r *Router) Route(_ context.Context, n *NotificationAccepted) (*EmailRequested, *SMSRequested, *PushRequested, []DeliverySkipped, error) {
	user, ok := r.Users.Find(n.UserID)
	if !ok { // it was known when the notification was validated
		return nil, nil, nil, nil, necro.Permanent(fmt.Errorf("user %s is gone", n.UserID))
	}
	var (
		email   *EmailRequested
		sms     *SMSRequested
		push    *PushRequested
		skipped []DeliverySkipped
	)
	reached := countReachable(n.Channels, user)
	for _, c := range n.Channels {
		d := Delivery{n.NotificationID, n.UserID, c, user.Address(c), n.Message, n.Priority, reached}
		switch {
		case d.To == "":
			skipped = append(skipped, DeliverySkipped{n.NotificationID, n.UserID, c})
		case c == Email:
			email = &EmailRequested{d}
		case c == SMS:
			sms = &SMSRequested{d}
		case c == Push:
			push = &PushRequested{d}
		}
	}
	return email, sms, push, skipped, nil
}

// countReachable returns on how many of the channels the user can be reached.
func countReachable(channels []Channel, u User) (n int) {
	for _, c := range channels {
		if u.Address(c) != "" {
			n++
		}
	}
	return n
}
