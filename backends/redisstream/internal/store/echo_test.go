package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/redis/go-redis/v9"
)

// stepLine is the line of each Lua file behind which the work begins. In front of it the request is read.
const stepLine = "\n-- The step.\n"

// echoStep answers with what was read, in place of the work: paths and values by turns, and at the end how
// many keys and arguments nobody read.
const echoStep = `
local echoed = {}
local function echo(path, value)
  if type(value) == 'table' then
    for name, item in pairs(value) do echo(path .. '.' .. name, item) end
  else
    echoed[#echoed + 1] = path
    echoed[#echoed + 1] = type(value) == 'number' and string.format('%.0f', value) or tostring(value)
  end
end
echo('keys', keys)
echo('request', request)
echo('targets', targets)
echo('routes', routes)
echo('unread keys', #KEYS - keyn)
echo('unread arguments', #ARGV - argn)
return echoed
`

// stepRequest is what all requests have.
type stepRequest interface{ Call() Call }

// echoScript is the script of a step whose work is to tell its request.
func echoScript(t *testing.T, script *Script, tables string) *Script {
	t.Helper()
	head, _, found := strings.Cut(script.Source, stepLine)
	if !found {
		t.Fatalf("a script has no line %q:\n%s", stepLine, script.Source)
	}
	flags, head, _ := strings.Cut(head, "\n")
	return &Script{Source: flags + "\n" + head + "\n" + tables + echoStep}
}

// server is a real server with a namespace of the test's own.
type server struct {
	*testing.T
	client *redis.Client
	keys   Keys
}

func startServer(t *testing.T) *server {
	t.Helper()
	s := &server{t, redis.NewClient(&redis.Options{Addr: redistest.Start(t).Addr()}), Keys("necro:{" + redistest.Namespace(t) + ":0}:")}
	t.Cleanup(func() { s.client.Close() })
	return s
}

// send sends a command, and returns its reply as the backend reads it.
func (s *server) send(words ...any) *resp.Reply {
	command := redis.NewRawCmd(context.Background(), words...)
	err := s.client.Process(context.Background(), command)
	r := &resp.Reply{Raw: command.Val(), Err: err}
	r.TakeError()
	return r
}

// run runs a step.
func (s *server) run(request stepRequest) *resp.Reply {
	call := request.Call()
	return s.send(call.Command(true)...)
}

// must sends a command that prepares a test.
func (s *server) must(words ...any) {
	s.Helper()
	if r := s.send(words...); r.Err != nil {
		s.Fatal(words, r.Err)
	}
}

// fields lists what a request says, by the names that its Lua file has for it.
func fields(path string, v reflect.Value, list map[string]string) {
	switch value := v.Interface().(type) {
	case Keys:
		return
	case time.Duration:
		list[path] = fmt.Sprint(value.Milliseconds())
		return
	case [16]byte:
		list[path] = string(value[:])
		return
	case []byte:
		list[path] = string(value)
		return
	case Target:
		targetFields(path, value, list)
		return
	case Routes:
		routeFields(value, list)
		return
	case *Rows:
		if value.id != nil { // else they stand between other arguments, and the case has them
			rowFields(list)
		}
		routeFields(*value.Routes, list)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fields(path+"."+luaName(field.Name), v.Field(i), list)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			fields(path+"."+strconv.Itoa(i+1), v.Index(i), list)
		}
	default:
		list[path] = fmt.Sprint(v.Interface())
	}
}

// targetFields lists a target as lib.lua's readTarget makes it. Its keys are in the case of the test.
func targetFields(path string, t Target, list map[string]string) {
	list[path+".organ"], list[path+".limit"] = t.Organ, strconv.Itoa(t.Pack)
	if t.Front {
		list[path+".limit"] = "1"
	}
	for _, counter := range []string{"count", "size", "more"} {
		list[path+"."+counter] = "0"
	}
}

// routeFields lists routes as lib.lua's readRoutes makes them, with their keys.
func routeFields(rs Routes, list map[string]string) {
	target := func(path string, t Target) {
		targetFields(path, t, list)
		part := "q:"
		if t.Front {
			part = "first:"
		}
		list[path+".stream"], list[path+".marks"] = string(rs.Keys)+part+t.Organ, string(rs.Keys)+"part:"+t.Organ
	}
	for i, t := range rs.Targets {
		target(fmt.Sprintf("targets.%d", i+1), t)
	}
	for i, route := range rs.List {
		path := fmt.Sprintf("routes.%d", i+1)
		for j, number := range route.Targets {
			target(fmt.Sprintf("%s.%d", path, j+1), rs.Targets[number])
		}
		if route.Park {
			list[path+".park"], list[path+".event"], list[path+".behind"] = string(rs.Keys)+"park:"+route.Event, route.Event, strconv.FormatBool(route.Behind)
			list[path+".uniq"], list[path+".byEnd"] = string(rs.Keys)+"uniq", string(rs.Keys)+"uniq:ends"
		}
	}
}

// luaName is the name of a field in Lua: ID is id, and Stream is stream.
func luaName(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return string(unicode.ToLower(rune(name[0]))) + name[1:]
}

// echoCase is a request and what its script reads.
type echoCase struct {
	request stepRequest
	keys    map[string]string // without the prefix of the partition
	unsent  []string          // fields that only choose keys
	tables  string            // of a script that keeps its request in locals: Lua that makes the tables of them
	added   map[string]string // what the script reads beside the fields of the request
}

// TestScriptsReadWhatRequestsSay sends each request through the part of its script that reads. What Lua has
// read is what the Go request says, field by field, and no key or argument is left.
func TestScriptsReadWhatRequestsSay(t *testing.T) {
	s := startServer(t)
	for _, c := range echoCases(s.keys) {
		name := strings.TrimPrefix(fmt.Sprintf("%T", c.request), "*store.")
		t.Run(name, func(t *testing.T) {
			call := c.request.Call()
			call.Script = echoScript(t, call.Script, c.tables)
			got := s.send(call.Command(true)...)
			echoed := got.Pairs()
			if got.Err != nil {
				t.Fatal(got.Err)
			}
			want := map[string]string{"unread keys": "0", "unread arguments": "0"}
			fields("request", reflect.ValueOf(c.request).Elem(), want)
			for _, name := range c.unsent {
				if _, there := want["request."+name]; !there {
					t.Errorf("the request has no field %s", name)
				}
				delete(want, "request."+name)
			}
			for name, value := range c.added {
				want["request."+name] = value
			}
			for name, key := range c.keys {
				path := "request." + name
				if !strings.Contains(name, ".") || strings.HasPrefix(name, "organ.") {
					path = "keys." + name
				}
				want[path] = string(s.keys) + key
			}
			for path := range maps.Keys(want) {
				if echoed[path] != want[path] {
					t.Errorf("%s: Lua reads %q, Go says %q", path, echoed[path], want[path])
				}
			}
			for path, value := range echoed {
				if _, said := want[path]; !said {
					t.Errorf("%s: Lua reads %q, which the request does not say", path, value)
				}
			}
		})
	}
}

// TestEveryStepHasAnEcho wants a case for each Lua file that is a step.
func TestEveryStepHasAnEcho(t *testing.T) {
	files, err := sources.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".lua")
		if slices.Contains([]string{"lib", "binding", "record", "unique", "lane"}, name) { // in front of steps, none themselves
			continue
		}
		known := false
		for _, c := range echoCases("") {
			known = known || strings.HasSuffix(c.request.Call().Script.Source, readSource(name))
		}
		if !known {
			t.Errorf("%s.lua has no echo case", name)
		}
	}
}

// hostileReplies are what no script answers: wrong types, short arrays, lengths and numbers that lie.
var hostileReplies = []string{
	"", "\r\n", "$", "$-1\r\n", "$2\r\nOK", "$9223372036854775807\r\nOK\r\n", "$99999999999999999999999\r\nOK\r\n", ":-1\r\n",
	":9223372036854775807\r\n", ":99999999999999999999\r\n", "*-1\r\n", "*0\r\n", "*1\r\n", "*1\r\n$2\r\nOK\r\n", "*1\r\n*1\r\n:1\r\n",
	"*3\r\n:1\r\n:2\r\n:3\r\n", "*9223372036854775807\r\n", "*100000\r\n:1\r\n", "$5\r\nOTHER\r\n", "+\r\n", "-ERR no\r\n", "~1\r\n:1\r\n",
	"*2\r\n$4\r\nDONE\r\n$1\r\n0\r\n", "*2\r\n$4\r\nDONE\r\n:-1\r\n", "*2\r\n$5\r\nOTHER\r\n:1\r\n", "*1\r\n-ERR no\r\n",
}

// TestHostileRepliesAreErrors gives each parser replies that its script cannot have sent. Those of few steps
// are in their form: the test calls them by what they allow.
func TestHostileRepliesAreErrors(t *testing.T) {
	for _, c := range echoCases("") {
		parser := reflect.ValueOf(c.request).MethodByName("ReadReply")
		for _, raw := range hostileReplies {
			results := parser.Call([]reflect.Value{reflect.ValueOf(&resp.Reply{Raw: []byte(raw)})})
			err, _ := results[len(results)-1].Interface().(error)
			if err == nil && !mayAnswer(c.request, raw) {
				t.Errorf("%T: %q is taken for %+v", c.request, raw, results[0])
			}
			for _, result := range results[:len(results)-1] {
				if err != nil && !result.IsZero() {
					t.Errorf("%T: %q is an error and %+v", c.request, raw, result)
				}
			}
		}
		broken := errors.New("the connection broke")
		results := parser.Call([]reflect.Value{reflect.ValueOf(&resp.Reply{Err: broken})})
		if err, _ := results[len(results)-1].Interface().(error); !errors.Is(err, broken) {
			t.Errorf("%T: a broken connection is told as %v", c.request, err)
		}
	}
}
