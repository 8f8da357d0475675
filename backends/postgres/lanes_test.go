package postgres_test

import (
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// lanedOrgan returns the subscription of an organ with lanes.
func lanedOrgan(lanes int) contract.Subscription {
	sub := organOf("laned", typeFirst)
	sub.Order, sub.Lanes = contract.OrderKey, lanes
	return sub
}

// keyedMessage returns an event of the type FIRST with a key.
func keyedMessage(key, text string) contract.Message {
	m := messageOf(text)
	m.Key = key
	return m
}

// TestRowsOfOlderProgramsHaveLanes: rows that a program without lanes has written get into the lanes of their keys and ids before
// any is handed out, so that a key's events come in their order, with those that were published since.
func TestRowsOfOlderProgramsHaveLanes(t *testing.T) {
	t.Parallel()
	const events = 40
	server, namespace := sharedServer(t), newNamespace()
	b := open(t, server, namespace)
	subscribe(t, b, lanedOrgan(4)).Close()
	publish := func(from, to int) {
		for n := from; n < to; n++ {
			key := fmt.Sprint("key ", n%5)
			if n%5 == 0 {
				key = ""
			}
			if _, err := b.Publish(t.Context(), []contract.Message{keyedMessage(key, fmt.Sprint(n))}, contract.PublishOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(0, events/2)
	query(t, server, `UPDATE `+namespace+`.queue SET spread = NULL WHERE seq % 3 <> 0; UPDATE `+namespace+`.queue SET spread = -spread WHERE key = ''`)
	publish(events/2, events)
	last, seen := map[string]int{}, 0
	c := subscribe(t, b, lanedOrgan(4))
	for seen < events {
		d := fetchOne(t, c)
		n := 0
		fmt.Sscan(string(d.Payload), &n)
		if seen++; d.Key != "" && n < last[d.Key] {
			t.Errorf("%s: number %d comes behind %d", d.Key, n, last[d.Key])
		}
		last[d.Key] = n
		if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: d}}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLateLaneOwnerSettlesNothing: a consumer whose lanes are over has lost what it held of them, though no other consumer is
// there, and gets it again.
func TestLateLaneOwnerSettlesNothing(t *testing.T) {
	t.Parallel()
	server, namespace := sharedServer(t), newNamespace()
	b := open(t, server, namespace)
	c := subscribe(t, b, lanedOrgan(4))
	if _, err := b.Publish(t.Context(), []contract.Message{keyedMessage("key", "one")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	former := fetchOne(t, c)
	query(t, server, `UPDATE `+namespace+`.consumer SET lanes_until = 1`)
	isApplied := func(d *contract.Delivery) bool {
		t.Helper()
		results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: d}})
		if err != nil {
			t.Fatal(err)
		}
		return results.IsApplied(0)
	}
	if isApplied(former) {
		t.Error("a settle for a lane that was over is applied")
	}
	again := fetchOne(t, c)
	if isApplied(former) {
		t.Error("a settle under the former lease is applied when the consumer has the lane again")
	}
	if !again.Suspect || !isApplied(again) {
		t.Errorf("the delivery comes again with suspect %t, want it as one that its holder may have crashed of", again.Suspect)
	}
}

// TestLanesThatAreTakenAreSynced: a transaction in which a lane changes hands is committed to the log, and a Fetch of an owner is not.
func TestLanesThatAreTakenAreSynced(t *testing.T) {
	t.Parallel()
	server, namespace := sharedServer(t), newNamespace()
	// The trigger notes the setting under which lanes get an owner.
	b := open(t, server, namespace)
	query(t, server, `SET search_path TO `+namespace+`; CREATE TABLE seen (setting text);
		CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN INSERT INTO `+namespace+`.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER note AFTER UPDATE ON lane DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note()`)
	c := subscribe(t, b, lanedOrgan(4))
	if _, err := b.Publish(t.Context(), []contract.Message{keyedMessage("key", "one")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	fetchOne(t, c)
	if setting := askServer[string](t, server.URL(), `SELECT string_agg(setting, ' ') FROM `+namespace+`.seen`); setting != "on on on on" {
		t.Errorf("four lanes were taken with synchronous_commit %q, want on for each", setting)
	}
}
