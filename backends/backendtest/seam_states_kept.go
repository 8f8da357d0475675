package backendtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var statesKeptTests = []test{
	{"StateEndsWithItsTime", stateEndsWithItsTime},
	{"StateIsRenewedByAWrite", stateIsRenewed},
	{"StatesAreListedOnceEach", statesAreListedOnce},
	{"StatesAreListedWhileTheyChange", statesAreListedWhileTheyChange},
	{"StatesOfNoOrganAreAnError", statesOfNoOrgan},
	{"StatePagesOfHostileCursors", statePagesOfHostileCursors},
	{"StatesGoWithTheirOrgan", statesGoWithTheirOrgan},
	{"StatesAreFoundByANewName", statesAreFoundByANewName},
	{"StatesOutliveTheirProcess", statesOutliveTheirProcess},
	{"StatesHoldAnyBytes", statesHoldAnyBytes},
}

// allStates lists an organ's records in pages, and wants them to end.
func (e *env) allStates(b contract.StatefulBackend, organ string, limit int) (all []contract.KeyedState) {
	e.Helper()
	e.statePages(b, organ, limit, func(page []contract.KeyedState) { all = append(all, page...) })
	return all
}

// statePages calls each for every page.
func (e *env) statePages(b contract.StatefulBackend, organ string, limit int, each func([]contract.KeyedState)) {
	e.Helper()
	after := ""
	for range 10_000 {
		page, next, err := b.RangeStates(e.ctx, organ, after, limit)
		e.ok(err, "list states")
		if len(page) > limit {
			e.Fatalf("list states: %d records in a page of %d", len(page), limit)
		}
		each(page)
		if next == "" {
			return
		}
		after = next
	}
	e.Fatal("list states: there is no last page")
}

// keysOf returns the keys of records, sorted.
func keysOf(states []contract.KeyedState) (keys []string) {
	for _, s := range states {
		keys = append(keys, s.Key)
	}
	slices.Sort(keys)
	return keys
}

// keepStates writes a record for each key, with the key as its value.
func (e *env) keepStates(c *consumer, keys ...string) {
	e.Helper()
	for chunk := range slices.Chunk(keys, 50) {
		e.publish(c.b, messagesOf(chunk...)...)
		outcomes := make([]contract.Outcome, len(chunk))
		for i, d := range c.take(len(chunk)) {
			outcomes[i] = writing(d, 0, mark1, d.Key)
		}
		c.settles(outcomes...)
	}
}

// dropState removes the record that keepStates has written.
func (e *env) dropState(c *consumer, key string) {
	e.Helper()
	e.publish(c.b, messagesOf(key)...)
	c.ends(applied, writing(c.one(), mark1, 0, ""))
}

// stateEndsWithItsTime: from then on it is absent, for readers and for the comparison.
func stateEndsWithItsTime(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k", "lasting", "k")...)
	ds := c.takes(1, 2, 3, 4)
	before := time.Now()
	c.settles(living(ds[0], 0, mark1, e.units(5)), writing(ds[2], 0, mark2, "lasts"))
	e.until("the record is over", func() bool { return e.load(b, "keeper", "k").Mark == 0 })
	e.notBefore(before, e.units(5))
	if got := keysOf(e.allStates(b, "keeper", 10)); !slices.Equal(got, []string{"lasting"}) {
		e.Errorf("records: %q", got)
	}
	c.ends(conflict, writing(ds[1], mark1, mark3, "no"))
	c.ends(applied, writing(ds[1], 0, mark4, "anew"))
	e.hasState(b, "keeper", "k", mark4, "anew")
	e.wait(e.units(7))
	e.hasState(b, "keeper", "k", mark4, "anew")
	e.hasState(b, "keeper", "lasting", mark2, "lasts")
	c.ack(ds[3])
}

// stateIsRenewed: each write sets another time, a longer one, a shorter one, or none.
func stateIsRenewed(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("longer", "longer", "shorter", "shorter", "ever", "ever", "gone", "gone")...)
	ds := c.takes(1, 2, 3, 4, 5, 6, 7, 8)
	c.settles(living(ds[0], 0, mark1, e.units(3)), living(ds[1], mark1, mark2, time.Hour),
		living(ds[4], 0, mark1, e.units(3)), writing(ds[5], mark1, mark2, "lives"),
		living(ds[6], 0, mark1, e.units(3)), writing(ds[7], mark1, 0, ""))
	c.settles(living(ds[2], 0, mark1, time.Hour))
	c.settles(living(ds[3], mark1, mark2, e.units(3)))
	e.until("the shorter time is over", func() bool { return e.load(b, "keeper", "shorter").Mark == 0 })
	e.wait(e.units(3))
	for _, key := range []string{"longer", "ever"} {
		e.hasState(b, "keeper", key, mark2, "lives")
	}
	same(e, "records", len(e.allStates(b, "keeper", 10)), 2)
}

// statesAreListedOnce in pages of any size, each with its own value, and no record of another organ.
func statesAreListedOnce(e *env) {
	b := e.stateful()
	cs := e.subscribe(b, e.keeping("keeper", typeA), e.keeping("other", typeB))
	same(e, "records of an organ without any", len(e.allStates(b, "keeper", 10)), 0)
	var keys []string
	for n := range 125 {
		keys = append(keys, fmt.Sprintf("key %03d", n))
	}
	e.keepStates(cs[0], keys...)
	same(e, "records of the other organ", len(e.allStates(b, "other", 10)), 0)
	for _, limit := range []int{1, 7, 125, 126, 1 << 30} {
		got := e.allStates(b, "keeper", limit)
		if listed := keysOf(got); !slices.Equal(listed, keys) {
			e.Errorf("pages of %d: %d records: %q", limit, len(got), listed)
		}
		for _, s := range got {
			e.isState(s.Key, s.StateRecord, mark1, s.Key)
		}
	}
	for _, limit := range []int{0, -1} {
		if page, _, err := b.RangeStates(e.ctx, "keeper", "", limit); err == nil {
			e.Errorf("a page of %d: %d records and no error", limit, len(page))
		}
	}
}

// statesAreListedWhileTheyChange: between pages some records go, among them those at which the page has ended, some come,
// and some are written again. Every other one is listed once.
func statesAreListedWhileTheyChange(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	var keys, going []string
	for n := range 200 {
		keys = append(keys, fmt.Sprintf("key %03d", n))
	}
	e.keepStates(c, keys...)
	seen, pages := map[string]int{}, 0
	e.statePages(b, "keeper", 9, func(page []contract.KeyedState) {
		for _, s := range page {
			seen[s.Key]++
		}
		if pages++; len(page) == 0 || pages > 30 {
			return
		}
		for _, s := range []contract.KeyedState{page[0], page[len(page)-1]} {
			if s.Mark == mark1 && !slices.Contains(going, s.Key) {
				e.dropState(c, s.Key)
				going = append(going, s.Key)
			}
		}
		if len(page) > 2 && page[1].Mark == mark1 && !slices.Contains(going, page[1].Key) {
			e.publish(b, messagesOf(page[1].Key)...)
			c.ends(applied, writing(c.one(), mark1, mark2, "again"))
		}
		e.keepStates(c, fmt.Sprintf("come %03d", pages))
	})
	for _, key := range keys {
		if seen[key] != 1 && !slices.Contains(going, key) {
			e.Errorf("the record of %s was listed %d times", key, seen[key])
		}
	}
	if len(going) < 10 {
		e.Errorf("%d records went meanwhile: the test wants more", len(going))
	}
}

func statesOfNoOrgan(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.keepStates(c, "k")
	_, err := b.LoadStates(e.ctx, "nobody", []string{"k"})
	if !errors.Is(err, contract.ErrNoOrgan) {
		e.Errorf("load: error %v, want %v", err, contract.ErrNoOrgan)
	}
	if _, _, err = b.RangeStates(e.ctx, "nobody", "", 10); !errors.Is(err, contract.ErrNoOrgan) {
		e.Errorf("list: error %v, want %v", err, contract.ErrNoOrgan)
	}
	e.ok(b.Close(), "close")
	if _, err = b.LoadStates(e.ctx, "keeper", []string{"k"}); !errors.Is(err, contract.ErrClosed) {
		e.Errorf("load from a closed backend: error %v, want %v", err, contract.ErrClosed)
	}
	if _, _, err = b.RangeStates(e.ctx, "keeper", "", 10); !errors.Is(err, contract.ErrClosed) {
		e.Errorf("list of a closed backend: error %v, want %v", err, contract.ErrClosed)
	}
}

// statePagesOfHostileCursors are an error that does not repeat a long cursor, or a page, where the backend cannot tell that
// the cursor is none of its own.
func statePagesOfHostileCursors(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.keepStates(c, "a", "b", "c")
	for _, cursor := range []string{
		"-1", "0", "!", "%", "99999999999999999999999999", "18446744073709551615", " ", "\x00", "\xff\xfe", "a", "keeper", "* ?", "1e9",
		"'; DROP TABLE state; --", "A===", strings.Repeat("9", 1<<20), strings.Repeat("A", 1<<20),
	} {
		e.noPanic("list states", func() {
			page, next, err := b.RangeStates(e.ctx, "keeper", cursor, 10)
			switch {
			case err != nil && len(err.Error()) > 1000:
				e.Errorf("cursor of %d bytes: an error of %d bytes", len(cursor), len(err.Error()))
			case len(page) > 3 || err != nil && len(page) > 0:
				e.Errorf("cursor %.40q: %d records, next %.40q, error %v", cursor, len(page), next, err)
			}
		})
	}
	for _, cursor := range []string{"!", "\x00", " ", "'; DROP TABLE state; --"} {
		if _, _, err := b.RangeStates(e.ctx, "keeper", cursor, 10); err == nil {
			e.Errorf("cursor %q is taken for one of a page", cursor)
		}
	}
	same(e, "records", len(e.allStates(b, "keeper", 10)), 3)
}

// statesGoWithTheirOrgan, and those of another organ under the same key stay.
func statesGoWithTheirOrgan(e *env) {
	b := e.stateful()
	admin := e.admin(b)
	cs := e.subscribe(b, e.keeping("going", typeA), e.keeping("staying", typeA))
	e.publish(b, messagesOf("k")...)
	cs[0].ends(applied, writing(cs[0].one(), 0, mark1, "going"))
	cs[1].ends(applied, writing(cs[1].one(), 0, mark1, "staying"))
	e.hasState(b, "going", "k", mark1, "going")
	cs[0].close()
	e.ok(admin.RemoveOrgan(e.ctx, "going"), "remove organ")
	if _, err := b.LoadStates(e.ctx, "going", []string{"k"}); !errors.Is(err, contract.ErrNoOrgan) {
		e.Errorf("load from a removed organ: error %v, want %v", err, contract.ErrNoOrgan)
	}
	e.hasState(b, "staying", "k", mark1, "staying")
	again := e.subscribe(b, e.keeping("going", typeA))[0]
	e.hasState(b, "going", "k", 0, "")
	same(e, "records", len(e.allStates(b, "going", 10)), 0)
	e.publish(b, messagesOf("k")...)
	again.ends(applied, writing(again.one(), 0, mark2, "anew"))
	e.hasState(b, "going", "k", mark2, "anew")
	e.hasState(b, "staying", "k", mark1, "staying")
}

// statesAreFoundByANewName, and by the former one as well.
func statesAreFoundByANewName(e *env) {
	b := e.stateful()
	former := e.subscribe(b, e.keeping("former", typeA))[0]
	e.keepStates(former, "k")
	former.close()
	renamed := e.keeping("renamed", typeA)
	renamed.Aliases = []string{"former"}
	c := e.subscribe(b, renamed)[0]
	e.hasState(b, "renamed", "k", mark1, "k")
	e.hasState(b, "former", "k", mark1, "k")
	e.publish(b, messagesOf("k")...)
	c.ends(applied, writing(c.one(), mark1, mark2, "moved"))
	e.hasState(b, "former", "k", mark2, "moved")
	same(e, "records", len(e.allStates(b, "renamed", 10)), 1)
}

// statesOutliveTheirProcess: another one reads and writes them.
func statesOutliveTheirProcess(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.keepStates(c, "k")
	c.close()
	other := e.states(e.attachProcess(b))
	heir := e.subscribe(other, e.keeping("keeper", typeA))[0]
	e.hasState(other, "keeper", "k", mark1, "k")
	e.publish(other, messagesOf("k")...)
	heir.ends(applied, writing(heir.one(), mark1, mark2, "heir"))
	e.hasState(b, "keeper", "k", mark2, "heir")
}

// statesHoldAnyBytes in keys and in values: binary ones, empty ones and large ones.
func statesHoldAnyBytes(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	keys := []string{
		"\x00", "\x00\x00", "a\x00b", "a", "\xff\xfe\xfd", " ", "a b", "{a}", "a:b", "a!b", "%", "*", "'", "\"; DROP TABLE state; --",
		"ключ", "\u202e", "\r\n", "0", "-1", strings.Repeat("long", 16<<10), strings.Repeat("\x00", 64<<10),
	}
	values := []string{"", "\x00", "\xff\xfe", strings.Repeat("large", 1<<18)[:1<<20], "text"}
	want := map[string]string{}
	for i, key := range keys {
		m := message(&eventA{N: int64(i)})
		m.Key = key
		e.publish(b, m)
		want[key] = values[i%len(values)]
		c.ends(applied, writing(c.one(), 0, mark1, want[key]))
	}
	records := e.loadAll(b, "keeper", keys...)
	for i, key := range keys {
		e.isState(fmt.Sprintf("key %.20q", key), records[i], mark1, want[key])
	}
	for _, limit := range []int{4, 100} {
		listed := e.allStates(b, "keeper", limit)
		same(e, "records", len(listed), len(keys))
		for _, s := range listed {
			e.isState(fmt.Sprintf("key %.20q", s.Key), s.StateRecord, mark1, want[s.Key])
		}
	}
}
