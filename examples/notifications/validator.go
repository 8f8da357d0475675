package main

import (
	"context"
	"fmt"
	"strings"
)

// Validator lets in notifications that can reach their user: the user is known, and can be reached on one of the
// channels at least.
//
//necro:organ validator
type Validator struct {
	Users *Directory
}

// Check validates a notification.
//
//necro:handle
func (v *Validator) Check(_ context.Context, n *NotificationRequested) (*NotificationAccepted, *NotificationRejected, error) {
	user, ok := v.Users.Find(n.UserID)
	if !ok {
		return nil, rejectRequest(n, "there is no such user"), nil
	}
	for _, c := range n.Channels {
		if user.Address(c) != "" {
			return &NotificationAccepted{n.Notification}, nil, nil
		}
	}
	return nil, rejectRequest(n, "the user has no address for "+listChannels(n.Channels)), nil
}

func rejectRequest(n *NotificationRequested, reason string) *NotificationRejected {
	return &NotificationRejected{NotificationID: n.NotificationID, UserID: n.UserID, Reason: reason}
}

func listChannels(channels []Channel) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(channels)), ", "), "[]")
}
