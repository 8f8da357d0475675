package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// setting is the testing.TB that the starters of servers want: a failure there ends the scenario.
type setting struct {
	testing.TB
	dir      string
	folders  int
	cleanups []func()
}

// broken is what a setting panics with; catch turns it into an error.
type broken struct{ text string }

func (s *setting) Helper()             {}
func (s *setting) Name() string        { return filepath.Base(s.dir) }
func (s *setting) Failed() bool        { return false }
func (s *setting) Log(...any)          {}
func (s *setting) Logf(string, ...any) {}

func (s *setting) Fatal(args ...any)                 { panic(broken{fmt.Sprint(args...)}) }
func (s *setting) Fatalf(format string, args ...any) { panic(broken{fmt.Sprintf(format, args...)}) }
func (s *setting) Error(args ...any)                 { s.Fatal(args...) }
func (s *setting) Errorf(format string, args ...any) { s.Fatalf(format, args...) }
func (s *setting) Skip(args ...any)                  { s.Fatal(args...) } // skipping is not passing

func (s *setting) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *setting) TempDir() string {
	s.folders++
	dir := filepath.Join(s.dir, fmt.Sprint("server", s.folders))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		s.Fatal(err)
	}
	return dir
}

// cleanUp runs the cleanups, the last one first.
func (s *setting) cleanUp() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
	s.cleanups = nil
}

// catchFailure runs f, and returns the error with which it failed the test.
func catchFailure(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case broken:
			err = fmt.Errorf("%s", v.text)
		default:
			panic(v)
		}
	}()
	f()
	return nil
}
