package compare

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/go-playground/validator/v10"

	necro "github.com/necrostack/necrogen/runtime"
)

// Report counts the comparisons.
type Report struct {
	Events, Values int
	Unwritten      int // times that the reference can't write a value
	Decoded, Forms int
	Unread         int // times that the reference panics at its own bytes
	Verdicts       int
	Unjudged       int // values at which the reference panics
	Invalid        int // values with violations
	Violations     int
	Routes         int
	Differences    []string // the first one of each event and kind

	seed   uint64
	values int
	ref    *validator.Validate
}

// NewReport returns an empty one, for comparisons with so many values of each event, which depend
// on the seed and on the event's number.
func NewReport(seed uint64, values int) *Report {
	return &Report{seed: seed, values: values, ref: Validator()}
}

// Add compares what a package declares: its events, and what the handlers of its organs emit.
func (r *Report) Add(events []necro.Event, organs []necro.Organ, emits map[string][]string) {
	for _, e := range events {
		r.compareEvent(e, NewRandom(r.seed, uint64(r.Events)))
		r.Events++
	}
	r.compareDispatch(organs, emits)
}

func (r *Report) compareEvent(e necro.Event, random *Random) {
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
	for i := range r.values {
		r.Values++
		differ("encode", r.compareEncode(e, random))
		differ("decode", r.compareDecode(e, random))
		differ("forms", r.compareForms(e, random, i))
		differ("verdict", r.compareVerdict(random.Fresh(e)))
	}
}

var errPanic = errors.New("panic")

// catchPanic turns a panic into an error: the panic of one event must not hide those of others.
func catchPanic(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return fn()
}

func (r *Report) compareEncode(e necro.Event, random *Random) error {
	return catchPanic(func() error {
		_, err := Encode(random.Fresh(e))
		return err
	})
}

func (r *Report) compareDecode(e necro.Event, random *Random) error {
	random.Plain = true
	defer func() { random.Plain = false }()
	return catchPanic(func() error {
		v := random.Fresh(e)
		b, err := Encode(v)
		if err != nil {
			return err
		}
		r.Decoded++
		return Decode(v, b, random)
	})
}

// compareForms and cuts take longer than the rest, and are rare.
func (r *Report) compareForms(e necro.Event, random *Random, round int) error {
	if round%4 > 0 {
		return nil
	}
	random.Plain = true
	defer func() { random.Plain = false }()
	return catchPanic(func() error {
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

func (r *Report) compareVerdict(e necro.Event) error {
	n, err := Verdict(r.ref, e)
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
