package compare

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/go-playground/validator/v10"

	necro "github.com/necrostack/necrogen/runtime"
)

// Report counts what was compared.
type Report struct {
	Events, Values int
	Unwritten      int // times that the reference can't write a value
	Decoded, Forms int
	Unread         int // times that the reference panics at what it wrote
	Verdicts       int
	Unjudged       int // values at which the reference panics
	Invalid        int // values with violations
	Violations     int
	Differences    []string // the first one of each event and kind
}

// Run compares events on random values: everything that this package compares. The values of
// an event depend on the seed and its place in the list alone.
func Run(events []necro.Event, seed uint64, rounds int) *Report {
	r := &Report{}
	ref := Validator()
	for i, e := range events {
		r.Events++
		r.event(e, ref, NewRandom(seed, uint64(i)), rounds)
	}
	return r
}

func (r *Report) event(e necro.Event, ref *validator.Validate, random *Random, rounds int) {
	told := map[string]bool{}
	differ := func(what string, err error) {
		switch {
		case errors.Is(err, ErrUnwritten):
			r.Unwritten++
		case errors.Is(err, ErrUnread):
			r.Unread++
		case err != nil && !told[what]:
			told[what] = true
			r.Differences = append(r.Differences, fmt.Sprintf("%s: %s: %v", reflect.TypeOf(e).Elem(), what, err))
		}
	}
	for i := range rounds {
		r.Values++
		differ("encode", r.encode(e, random))
		differ("decode", r.decode(e, random))
		differ("forms", r.forms(e, random, i))
		differ("verdict", r.verdict(ref, random.Fresh(e)))
	}
}

var errPanic = errors.New("panic")

// safely turns a panic into an error: one event's must not hide what others have.
func safely(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return fn()
}

func (r *Report) encode(e necro.Event, random *Random) error {
	return safely(func() error {
		_, err := Encode(random.Fresh(e))
		return err
	})
}

func (r *Report) decode(e necro.Event, random *Random) error {
	random.Plain = true
	defer func() { random.Plain = false }()
	return safely(func() error {
		v := random.Fresh(e)
		b, err := Encode(v)
		if err != nil {
			return err
		}
		r.Decoded++
		return Decode(v, b, random)
	})
}

// forms and cuts take longer than the rest, and are rare.
func (r *Report) forms(e necro.Event, random *Random, round int) error {
	if round%4 > 0 {
		return nil
	}
	random.Plain = true
	defer func() { random.Plain = false }()
	return safely(func() error {
		v := random.Fresh(e)
		n, err := Forms(v, random)
		r.Forms += n
		if err != nil {
			return err
		}
		b, err := v.AppendMsgpack(nil)
		if err != nil {
			return err
		}
		return Truncated(v, b[:min(len(b), 4<<10)])
	})
}

func (r *Report) verdict(ref *validator.Validate, e necro.Event) error {
	n, err := Verdict(ref, e)
	if errors.Is(err, ErrUnjudged) {
		r.Unjudged++
		return nil
	}
	r.Verdicts++
	r.Violations += n
	if n > 0 {
		r.Invalid++
	}
	return err
}
