package rules

import (
	"strings"
	"sync"
	"time"
)

// DateTime reports whether s is a time in the form of the layout.
func DateTime(s, layout string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}

// Duration reports whether s is a duration as time.ParseDuration reads it.
func Duration(s string) bool {
	_, err := time.ParseDuration(s)
	return err == nil
}

// zones are the names that were found: to look for one reads files. There are some 600.
var zones sync.Map

// Timezone reports whether s is the name of a time zone that this program finds, but not Local.
func Timezone(s string) bool {
	if s == "" || strings.EqualFold(s, "local") {
		return false
	}
	if _, known := zones.Load(s); known {
		return true
	}
	if _, err := time.LoadLocation(s); err != nil {
		return false
	}
	zones.Store(strings.Clone(s), nil)
	return true
}
