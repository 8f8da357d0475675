package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

func TestVisitPage(t *testing.T) {
	page := make([]contract.Stored, 3)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name    string
		ctx     context.Context
		most    int // how many the visitor wants
		visited int
		ended   bool  // no further page is read
		err     error // of the whole visit
	}{
		{"all", t.Context(), 4, 3, false, nil},
		{"enough", t.Context(), 2, 2, true, nil},
		{"done", done, 4, 0, true, context.Canceled},
	} {
		visited := 0
		err := sqlstore.VisitPage(test.ctx, page, func(contract.Stored) bool { visited++; return visited < test.most })
		if visited != test.visited || (err != nil) != test.ended || sqlstore.EndVisit(err) != test.err {
			t.Errorf("%s: visited %d, error %v", test.name, visited, err)
		}
	}
}

func TestTail(t *testing.T) {
	broken := errors.New("broken")
	enough := sqlstore.VisitPage(t.Context(), make([]contract.Stored, 1), func(contract.Stored) bool { return false })
	for _, test := range []struct {
		name   string
		begin  error
		third  error // of the third look
		stops  func(cancel, closeBackend func())
		looks  int
		wanted error
	}{
		{"a beginning that fails", broken, nil, nil, 0, broken},
		{"a look that fails", nil, broken, nil, 3, broken},
		{"a visitor that has seen enough", nil, enough, nil, 3, nil},
		{"a caller that goes", nil, nil, func(cancel, _ func()) { cancel() }, 3, nil},
		{"a look that fails since its caller goes", nil, context.Canceled, func(cancel, _ func()) { cancel() }, 3, nil},
		{"a backend that is closed", nil, nil, func(_, closeBackend func()) { closeBackend() }, 3, contract.ErrClosed},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			closing, looks, began := make(chan struct{}), 0, time.Now()
			err := sqlstore.Tail(ctx, closing, time.Second, func() error { return test.begin }, func() error {
				if looks++; looks < 3 {
					return nil
				}
				if test.stops != nil {
					test.stops(cancel, func() { close(closing) })
				}
				return test.third
			})
			if err != test.wanted || looks != test.looks || time.Since(began) != time.Duration(looks)*time.Second {
				t.Errorf("%s: %v after %d looks in %s, want %v after %d", test.name, err, looks, time.Since(began), test.wanted, test.looks)
			}
		})
	}
}
