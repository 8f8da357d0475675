package main

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Channel is a way to reach a user.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
	Push  Channel = "push"
)

// channels are all of them, in the order of reports.
var channels = []Channel{Email, SMS, Push}

// Priority says how much a notification matters to its user.
type Priority string

// The priorities.
const (
	Low    Priority = "low"
	Normal Priority = "normal"
	High   Priority = "high"
)

// longestSMS is how many characters an SMS can have: three parts of 160.
const longestSMS = 480

// Notification is what a user is to be told, and on which channels.
type Notification struct {
	NotificationID uint64    `msgpack:"notification_id" json:"notification_id" validate:"required"`
	UserID         string    `msgpack:"user_id" json:"user_id" validate:"required,max=64"`
	Channels       []Channel `msgpack:"channels" json:"channels" validate:"required,min=1,unique,dive,oneof=email sms push"`
	Message        string    `msgpack:"message" json:"message" validate:"required,max=2000"`
	Priority       Priority  `msgpack:"priority" json:"priority" validate:"oneof=low normal high"`
}

// Delivery is one message on one channel.
type Delivery struct {
	NotificationID uint64   `msgpack:"notification_id" json:"notification_id" validate:"required"`
	UserID         string   `msgpack:"user_id" json:"user_id" validate:"required"`
	Channel        Channel  `msgpack:"channel" json:"channel" validate:"oneof=email sms push"`
	To             string   `msgpack:"to" json:"to" validate:"required,max=320"`
	Message        string   `msgpack:"message" json:"message" validate:"required"`
	Priority       Priority `msgpack:"priority" json:"priority" validate:"oneof=low normal high"`
	// Of is how many deliveries the notification has.
	Of int `msgpack:"of" json:"of" validate:"gt=0"`
}

// NotificationRequested asks that a user be told something.
//
//necro:event NOTIFICATION_REQUESTED
type NotificationRequested struct {
	Notification
}

// short refuses texts that are too long for an SMS.
//
//necro:check
func (n *NotificationRequested) short() error {
	if slices.Contains(n.Channels, SMS) && utf8.RuneCountInString(n.Message) > longestSMS {
		return fmt.Errorf("message: must have at most %d characters to be sent as sms", longestSMS)
	}
	return nil
}

// NotificationAccepted is a notification whose user is known, and can be reached.
//
//necro:event NOTIFICATION_ACCEPTED
type NotificationAccepted struct {
	Notification
}

// NotificationRejected is one that will reach no user.
//
//necro:event NOTIFICATION_REJECTED output
type NotificationRejected struct {
	NotificationID uint64 `msgpack:"notification_id" json:"notification_id"`
	UserID         string `msgpack:"user_id" json:"user_id"`
	Reason         string `msgpack:"reason" json:"reason" validate:"required"`
}

// EmailRequested is an e-mail to be sent.
//
//necro:event EMAIL_REQUESTED
type EmailRequested struct {
	Delivery
}

// SMSRequested is an SMS to be sent.
//
//necro:event SMS_REQUESTED
type SMSRequested struct {
	Delivery
}

// PushRequested is a push message to be sent.
//
//necro:event PUSH_REQUESTED
type PushRequested struct {
	Delivery
}

// DeliverySkipped is a channel that was asked for, and on which the user cannot be reached.
//
//necro:event DELIVERY_SKIPPED output
type DeliverySkipped struct {
	NotificationID uint64  `msgpack:"notification_id" json:"notification_id" validate:"required"`
	UserID         string  `msgpack:"user_id" json:"user_id" validate:"required"`
	Channel        Channel `msgpack:"channel" json:"channel" validate:"oneof=email sms push"`
}

// DeliverySent is a message that a mail server or a gateway has taken.
//
//necro:event DELIVERY_SENT
type DeliverySent struct {
	Delivery
	Attempt int `msgpack:"attempt" json:"attempt" validate:"gt=0"`
}

// NotificationCompleted is a notification of which every delivery was sent.
//
//necro:event NOTIFICATION_COMPLETED output
type NotificationCompleted struct {
	NotificationID uint64 `msgpack:"notification_id" json:"notification_id" validate:"required"`
	UserID         string `msgpack:"user_id" json:"user_id" validate:"required"`
	Deliveries     int    `msgpack:"deliveries" json:"deliveries" validate:"gt=0"`
}
