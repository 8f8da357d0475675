package model

import (
	"strconv"
	"strings"
	"time"
)

// Every is what a //necro:every comment says: the event is published by itself.
type Every struct {
	Pos        Pos    // of the comment
	ExprPos    Pos    // of the expression in it
	Expression string // five cron fields, a name such as @daily, or a duration
	Zone       string // "" for UTC
	Catchup    string // "", or one of skip, last, all
	Jitter     time.Duration

	Directive *Directive
}

// Text writes the schedule as its comment does.
func (e *Every) Text() string {
	text := e.Expression
	if strings.Contains(text, " ") {
		text = strconv.Quote(text)
	}
	if e.Zone != "" {
		text += " tz=" + e.Zone
	}
	if e.Catchup != "" {
		text += " catchup=" + e.Catchup
	}
	if e.Jitter > 0 {
		text += " jitter=" + e.Jitter.String()
	}
	return text
}
