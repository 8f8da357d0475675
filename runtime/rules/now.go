package rules

import "time"

// Future reports whether t is after the present.
func Future(t time.Time) bool { return t.After(time.Now()) }

// Past reports whether t is before the present.
func Past(t time.Time) bool { return t.Before(time.Now()) }

// NotPast reports whether t is the present or after it.
func NotPast(t time.Time) bool { return !t.Before(time.Now()) }

// NotFuture reports whether t is the present or before it.
func NotFuture(t time.Time) bool { return !t.After(time.Now()) }
