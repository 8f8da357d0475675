// Package necro is as much of the runtime as the test packages call.
package necro

import (
	"context"
	"time"
)

type Event interface{ Validate() error }

type Emit[X any] func(X)

type PublishOption struct{}

type Spine struct{}

func (*Spine) Publish(context.Context, Event, ...PublishOption) error        { return nil }
func (*Spine) PublishBatch(context.Context, []Event, ...PublishOption) error { return nil }

type ID [16]byte

type Meta struct {
	ID   ID
	Time time.Time
}

func MetaFrom(context.Context) (Meta, bool) { return Meta{}, false }
