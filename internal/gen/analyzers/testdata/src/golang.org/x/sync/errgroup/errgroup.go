// Package errgroup is as much of the real one as the test packages call.
package errgroup

import "context"

type Group struct{}

func WithContext(ctx context.Context) (*Group, context.Context) { return &Group{}, ctx }

func (*Group) Go(func() error) {}

func (*Group) TryGo(func() error) bool { return true }

func (*Group) Wait() error { return nil }
