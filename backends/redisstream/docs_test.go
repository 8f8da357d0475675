package redisstream_test

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// document returns docs/redis.md.
func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDocument does a bit of everything as the user that docs/redis.md describes. Every key that
// this makes stands in the document's table, and every key of the table is made.
func TestDocument(t *testing.T) {
	t.Parallel()
	r := alone(t)
	text := document(t)
	rule := aclRule(t, text)
	for i, word := range rule {
		rule[i] = strings.ReplaceAll(word, "{shop:", "{"+r.namespace+":")
	}
	r.do(asAny(rule)...)
	url := "redis://shop:secret@" + r.server.Addr()
	l := layout{rig: r, rows: layoutRows(t, text)}
	l.everything(r.openAt(url))
}

func asAny(words []string) []any {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return list
}

// aclRule returns the words of the document's ACL command.
func aclRule(t *testing.T, text string) []string {
	t.Helper()
	rule := regexp.MustCompile(`(?m)^ACL SETUSER shop .*$`).FindString(text)
	if rule == "" {
		t.Fatal("docs/redis.md has no ACL rule")
	}
	return strings.Fields(rule)
}

// TestDocumentAllowsTheScripts wants every command of a script in the document's ACL rule:
// also those that a test seldom meets.
func TestDocumentAllowsTheScripts(t *testing.T) {
	t.Parallel()
	rule := aclRule(t, document(t))
	command := regexp.MustCompile(`redis\.p?call\('(\w+)'(?:, '([A-Z]+)')?`)
	files, err := filepath.Glob("*/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := filepath.Glob("internal/store/*.lua")
	if err != nil || len(steps) == 0 {
		t.Fatal(err)
	}
	for _, file := range append(files, steps...) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range command.FindAllStringSubmatch(string(source), -1) {
			name := "+" + strings.ToLower(m[1])
			if m[1] == "XGROUP" || m[1] == "XINFO" {
				name += "|" + strings.ToLower(m[2])
			}
			if !slices.Contains(rule, name) {
				t.Errorf("%s: the ACL rule of docs/redis.md lacks %s", file, name)
			}
		}
	}
}

// row is a kind of key: a row of the document's table.
type row struct {
	key     string
	pattern *regexp.Regexp
	kind    string
	fields  []*regexp.Regexp // names that the row tells, which for a few hashes are those of all fields
	seen    bool
}

func layoutRows(t *testing.T, text string) (rows []*row) {
	t.Helper()
	_, table, _ := strings.Cut(text, "| key | type | holds |")
	table, _, _ = strings.Cut(table, "\n\n")
	kinds := map[string]string{"sorted set": "zset"}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\| (.*) \\|$").FindAllStringSubmatch(table, -1) {
		r := &row{key: m[1], pattern: placeholders(m[1]), kind: cmp.Or(kinds[m[2]], m[2])}
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(m[3], -1) {
			r.fields = append(r.fields, placeholders(name[1]))
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		t.Fatal("docs/redis.md has no table of keys")
	}
	return rows
}

// placeholders makes a pattern of a name such as q:<organ>.
func placeholders(name string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.MustCompile(`<\w+>`).ReplaceAllString(name, ".+") + "$")
}

// layout compares the keys on a server with the document's table.
type layout struct {
	*rig
	rows []*row
}

// look compares the keys that there are.
func (l *layout) look() {
	l.Helper()
	keys, err := l.redis.Keys(l.ctx, l.key("*")).Result()
	l.ok(err, "keys")
	for _, key := range keys {
		name := strings.TrimPrefix(key, l.key(""))
		kind, err := l.redis.Type(l.ctx, key).Result()
		l.ok(err, "type")
		if kind == "none" { // it has expired meanwhile
			continue
		}
		i := slices.IndexFunc(l.rows, func(r *row) bool { return r.pattern.MatchString(name) && r.kind == kind })
		if i < 0 {
			l.Errorf("docs/redis.md does not know the %s %s", kind, key)
			continue
		}
		l.rows[i].seen = true
		if slices.Contains([]string{"meta", "bind", "n"}, l.rows[i].key) {
			l.lookInto(key, l.rows[i])
		}
	}
}

// lookInto compares the fields of a hash.
func (l *layout) lookInto(key string, r *row) {
	l.Helper()
	fields, err := l.redis.HKeys(l.ctx, key).Result()
	l.ok(err, "fields")
	for _, field := range fields {
		if !slices.ContainsFunc(r.fields, func(known *regexp.Regexp) bool { return known.MatchString(field) }) {
			l.Errorf("docs/redis.md does not know the field %q of %s", field, key)
		}
	}
}

func (l *layout) everything(b *redisstream.Backend) {
	l.Helper()
	strict, keyed, exclusive, stateful := sub("strict", &Step{}), sub("keyed", &Step{}), sub("exclusive", &Step{}), keeper("stateful", &Step{})
	laned := inLanes(2, 2*time.Minute)
	strict.Order, keyed.Order, exclusive.Exclusive = contract.OrderStrict, contract.OrderKey, true
	cs := l.subscribe(b, sub("plain", &Step{}), strict, keyed, exclusive, stateful, laned)
	msgs := []contract.Message{message(&Step{N: 0, Key: "k"}), message(&Step{N: 1, Key: "k"}), message(&Step{N: 2, Key: "k"})}
	msgs[0].Once = true
	l.publish(b, append(msgs, message(&Next{}))...) // nobody handles Next
	l.publish(b, uniques(4, 1)...)
	delayed := message(&Step{N: 3})
	delayed.Due = time.Now().Add(time.Hour).UnixNano()
	l.publish(b, delayed)
	l.fire(b, "s", 0, anHourAgo(), message(&Next{}))
	_, _, err := b.TakeTokens(l.ctx, "plain", contract.Rate{Count: 1, Per: time.Hour}, 1)
	l.ok(err, "tokens")
	l.look()

	ds := cs[0].take(3)
	cs[0].settle(ack(ds[0], next(ds[0])), retry(ds[1], time.Minute))
	l.look()
	cs[0].settle(bury(ds[2]))
	for _, c := range cs[1:3] {
		c.settle(retry(c.take(1)[0], 200*time.Millisecond))
	}
	cs[3].take(1)
	cs[5].ack(cs[5].take(3)...)
	cs[4].settle(with(cs[4].take(1)[0], &contract.StateWrite{Write: 1, Version: 1, TTL: time.Hour}))
	same(l.rig, "records", len(l.allStates(b, "stateful", 10, func() {})), 1)
	same(l.rig, "mark", l.load(b, "stateful", "k").Mark, 1)
	l.ok(cs[5].Close(), "close") // rings the bell
	l.ok(b.Pause(l.ctx, "plain", "to see what that looks like"), "pause")
	l.look()
	for _, c := range cs[1:3] { // what follows waits, then comes behind the retry
		l.wants(c.take(1), 0)
		l.look()
	}
	l.subscribe(b, sub("late", &Next{}))
	l.until("every key of docs/redis.md has been there", func() bool {
		l.look()
		return !slices.ContainsFunc(l.rows, func(r *row) bool { return !r.seen })
	})

	letters, err := b.DeadLetters(l.ctx, "plain", contract.ID{}, 10)
	l.ok(err, "dead letters")
	same(l.rig, "dead letters", len(letters), 1)
	_, err = b.Redrive(l.ctx, "plain", letters[0].ID)
	l.ok(err, "redrive")
	_, err = b.Discard(l.ctx, "plain", letters[0].ID)
	l.ok(err, "discard")
	l.ok(b.Resume(l.ctx, "plain"), "resume")
	same(l.rig, "deliveries of plain", l.health(b, "plain").Ready, 2)
	for _, c := range cs {
		l.ok(c.Close(), "close")
	}
	l.ok(b.RemoveOrgan(l.ctx, "plain"), "remove")
}
