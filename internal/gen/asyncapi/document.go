package asyncapi

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/schema"
)

// Info is what the source does not say.
type Info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description,omitempty"`
}

type document struct {
	AsyncAPI           string               `json:"asyncapi"`
	Info               Info                 `json:"info"`
	DefaultContentType string               `json:"defaultContentType"`
	Channels           map[string]channel   `json:"channels"`
	Operations         map[string]operation `json:"operations"`
	Components         components           `json:"components"`
}

type components struct {
	Messages map[string]message `json:"messages"`
	Schemas  schema.Properties  `json:"schemas,omitempty"`
}

type channel struct {
	Address  string         `json:"address"`
	Messages map[string]ref `json:"messages"`
}

type message struct {
	Name        string  `json:"name"`
	Title       string  `json:"title"`
	Summary     string  `json:"summary,omitempty"`
	Description string  `json:"description,omitempty"`
	Payload     payload `json:"payload"`
	Version     int     `json:"x-version"`
	Key         string  `json:"x-key,omitempty"`
	Output      bool    `json:"x-output,omitempty"`
	Every       string  `json:"x-every,omitempty"` // when it is published by itself, as its comment says
}

type payload struct {
	Format string         `json:"schemaFormat"`
	Schema *schema.Schema `json:"schema"`
}

type operation struct {
	Action      string `json:"action"` // receive or send
	Channel     ref    `json:"channel"`
	Messages    []ref  `json:"messages"`
	Summary     string `json:"summary,omitempty"`
	Description string `json:"description,omitempty"`
	Organ       string `json:"x-organ"`
	Policy      string `json:"x-policy,omitempty"`
	State       string `json:"x-state,omitempty"`  // what the organ keeps for the key of the message
	GiveUp      bool   `json:"x-giveup,omitempty"` // it is received when the organ has given the message up
	Batch       bool   `json:"x-batch,omitempty"`  // the organ receives several at a time
	Later       bool   `json:"x-later,omitempty"`  // it may be sent with a delay
	Timer       bool   `json:"x-timer,omitempty"`  // it is sent by a timer, to the organ itself
	Undo        bool   `json:"x-undo,omitempty"`   // it takes back what the organ has done
}

type ref struct {
	Ref string `json:"$ref"`
}

const schemaFormat = "application/schema+json;version=draft-07"

// Write writes the document as JSON, which is YAML as well. The same topology gives the same text.
func Write(w io.Writer, info Info, g *graph.Graph) error {
	b := schema.NewBuilder("#/components/schemas/")
	d := document{
		AsyncAPI: "3.0.0", Info: info, DefaultContentType: "application/msgpack",
		Channels: map[string]channel{}, Operations: map[string]operation{},
		Components: components{Messages: map[string]message{}},
	}
	for _, e := range g.Events {
		d.Channels[e.Name] = channel{Address: e.Name, Messages: map[string]ref{e.Name: {"#/components/messages/" + e.Name}}}
		d.Components.Messages[e.Name] = describeEvent(e, b.Event(e.Event))
	}
	for _, o := range g.Organs {
		for _, h := range o.Handlers {
			d.addOperations(h)
		}
	}
	d.Components.Schemas = b.Definitions
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

func describeEvent(e *graph.Event, s *schema.Schema) message {
	m := message{
		Name: e.Name, Title: e.GoName, Payload: payload{schemaFormat, s},
		Version: e.Version, Output: e.Output,
	}
	m.Summary, m.Description = splitSummary(s.Description)
	s.Description = ""
	if e.Key != nil {
		m.Key = e.Key.Wire
	}
	if e.Every != nil {
		m.Every = e.Every.Text()
	}
	return m
}

// addOperations adds the events that a handler receives, and those that it sends.
func (d *document) addOperations(h *graph.Handler) {
	name := h.Organ.Name + "." + h.Method
	receive := operation{Action: "receive", Organ: h.Organ.Name, Policy: h.PolicyText(), GiveUp: h.GiveUp, Batch: h.Batch}
	if h.State != nil {
		receive.State = h.State.Name
	}
	receive.Summary, receive.Description = splitSummary(h.Func.Directive.Doc)
	d.addMessage(name+".receive."+h.Event.Name, receive, h.Event)
	for _, x := range h.Emits {
		d.addMessage(name+".send."+x.Event.Name, operation{Action: "send", Organ: h.Organ.Name, Later: x.Delayed && !x.Timer, Timer: x.Timer, Undo: x.Undo}, x.Event)
	}
}

func (d *document) addMessage(name string, o operation, e *graph.Event) {
	o.Channel = ref{"#/channels/" + e.Name}
	o.Messages = []ref{{"#/channels/" + e.Name + "/messages/" + e.Name}}
	d.Operations[name] = o
}

// splitSummary takes the first sentence of a comment apart.
func splitSummary(doc string) (summary, description string) {
	doc = strings.Join(strings.Fields(doc), " ")
	if first, rest, found := strings.Cut(doc, ". "); found {
		return first + ".", rest
	}
	return doc, ""
}
