package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// errEnough ends a visit whose visitor has seen enough. It stays within the engine: see [EndVisit].
var errEnough = errors.New("the visitor has seen enough")

// VisitPage calls visit for each event of a page, until ctx is done or visit has seen enough. Both are errors, so that the
// caller reads no further page.
func VisitPage(ctx context.Context, page []contract.Stored, visit func(contract.Stored) (more bool)) error {
	for _, s := range page {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !visit(s) {
			return errEnough
		}
	}
	return nil
}

// EndVisit returns the error of a visit, which is nil when the visitor has seen enough.
func EndVisit(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// Tail is the loop of an Inspector's Tail: it calls begin once, which notes what is stored already, and then look at each
// interval. It ends without an error when ctx is done or a visitor has seen enough, and with contract.ErrClosed when the
// backend closes closing.
func Tail(ctx context.Context, closing <-chan struct{}, interval time.Duration, begin, look func() error) error {
	err := begin()
	timer := time.NewTicker(interval)
	defer timer.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-closing:
			return contract.ErrClosed
		case <-timer.C:
		}
		err = look()
	}
	if ctx.Err() != nil {
		return nil
	}
	return EndVisit(err)
}
