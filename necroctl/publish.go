package necroctl

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/internal/spelling"
	"github.com/necrostack/necrogen/runtime/contract"
)

// publishing is what the flags of publish set.
type publishing struct {
	key, id string
	version int
	park    bool
}

func publishFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.key, "key", "", "the event's `key`, where its type has one")
	flags.StringVar(&o.id, "id", "", "the event's `id`: a second event with it is not stored for ten minutes")
	flags.IntVar(&o.version, "version", 1, "the `version` of the event's type")
	flags.BoolVar(&o.park, "park", false, "also when no organ handles it: it waits for the first one")
}

// publishEvent stores one event. It is not validated before an organ gets it.
func (r *run) publishEvent(words []string) int {
	if r.version < 1 {
		return r.tellMisuse(fmt.Errorf("-version %d: need at least 1", r.version))
	}
	id := contract.NewID()
	if r.id != "" {
		var err error
		if id, err = contract.ParseID(r.id); err != nil {
			return r.tellMisuse(fmt.Errorf("-id: %w", err))
		}
	}
	payload, err := r.readPayload(words)
	if err != nil {
		return r.tellFailure(err)
	}
	if err := r.wantHandled(words[0]); err != nil {
		return r.tellFailure(err)
	}
	m := contract.Message{
		ID: id, Correlation: id, Type: &contract.EventType{Name: words[0], Version: r.version}, Payload: payload,
		Key: r.key, Nanos: time.Now().UnixNano(), Once: r.id != "",
	}
	if _, err := r.backend.Publish(r.ctx, []contract.Message{m}, contract.PublishOptions{}); err != nil {
		if mayBeStored(err) {
			err = fmt.Errorf("%w; it may be stored nevertheless: repeat it with -id %s", err, id)
		}
		return r.tellFailure(err)
	}
	fmt.Fprintln(r.out, id)
	return ExitDone
}

// mayBeStored reports whether a failed publish may have had its effect: when no answer came. An answer
// of the server is final.
func mayBeStored(err error) bool {
	return errors.Is(err, contract.ErrBackendUnavailable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// readPayload reads the event: the second word, or the input.
func (r *run) readPayload(words []string) ([]byte, error) {
	var text []byte
	if len(words) == 2 {
		text = []byte(words[1])
	} else {
		var err error
		if text, err = io.ReadAll(r.in); err != nil {
			return nil, err
		}
	}
	payload, err := FromJSON(text)
	if start := bytes.TrimLeft(text, " \t\r\n"); err == nil && start[0] != '{' && start[0] != '[' {
		err = fmt.Errorf("an event is an object, or an array of its fields, and not %s", shortenText(string(start), 20))
	}
	if err != nil {
		return nil, fmt.Errorf("the event's JSON: %w", err)
	}
	return payload, nil
}

// wantHandled wants an organ that handles the event: a misspelt one would be parked.
func (r *run) wantHandled(event string) error {
	if r.park {
		return nil
	}
	b, err := backendAs[contract.Inspector](r)
	if err != nil {
		return err
	}
	bound, err := b.Bound(r.ctx)
	if err != nil || len(bound[event]) > 0 {
		return err
	}
	names := slices.Collect(maps.Keys(bound))
	return fmt.Errorf("%w; -park stores it nevertheless", missingError("organ that handles", event, spelling.Nearest(event, names), names))
}
