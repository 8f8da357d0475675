package main

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:embed testdata/notifications.csv
var sample string

// The columns; others are not looked at.
const (
	colID       = "notification_id" // optional
	colUser     = "user_id"
	colChannels = "channels" // separated by |
	colMessage  = "message"
	colPriority = "priority"
)

var needed = []string{colUser, colChannels, colMessage, colPriority}

// openInputs opens all inputs; without files it is the sample.
func openInputs(ctx context.Context, files []string, stdin io.Reader) ([]input.Source, error) {
	if len(files) == 0 {
		return []input.Source{input.Text("sample notifications", sample)}, nil
	}
	return input.Open(ctx, files, stdin)
}

// makeFeed returns the feed that publishes the notifications of sources.
func (s *service) makeFeed(sources []input.Source, report io.Writer) *input.Feed {
	publish := func(ctx context.Context, e necro.Event) error { return s.publishEvents(ctx, e) }
	return &input.Feed{Sources: sources, Needed: needed, Event: eventOf, Publish: publish, Report: report}
}

// eventOf returns the event that a record asks for. number is the notification's id where the
// record has none.
func eventOf(r *input.Record, number uint64) (necro.Event, error) {
	id, err := number, error(nil)
	if text := r.Fields[colID]; text != "" {
		if id, err = strconv.ParseUint(text, 10, 64); err != nil {
			err = r.Wrong(colID, errors.New("is not a whole number"))
		}
	}
	return makeRequest(id, r.Fields[colUser], r.Fields[colChannels], r.Fields[colMessage], r.Fields[colPriority]), err
}

// makeRequest makes an event of a written request. The event's rules judge it.
func makeRequest(id uint64, user, names, message, priority string) *NotificationRequested {
	if priority == "" {
		priority = string(Normal)
	}
	var list []Channel
	for name := range strings.SplitSeq(names, "|") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			list = append(list, Channel(name))
		}
	}
	return &NotificationRequested{Notification{id, user, list, message, Priority(strings.ToLower(priority))}}
}
