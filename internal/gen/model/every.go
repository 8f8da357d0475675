package model

import "time"

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
