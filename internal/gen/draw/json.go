package draw

import (
	"encoding/json"
	"io"

	"github.com/necrostack/necrogen/internal/gen/graph"
)

type jsonPicture struct {
	Events []jsonEvent `json:"events"`
	Organs []jsonOrgan `json:"organs"`
}

type jsonEvent struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Type    string `json:"type"` // import path and Go name
	Key     string `json:"key,omitempty"`
	Output  bool   `json:"output,omitempty"`
	Entry   bool   `json:"entry,omitempty"`
	Every   string `json:"every,omitempty"` // when it is published by itself, as its comment says
}

type jsonOrgan struct {
	Name    string       `json:"name"`
	Type    string       `json:"type"`
	Policy  string       `json:"policy,omitempty"` // as it is written
	State   string       `json:"state,omitempty"`  // the name of the state that it keeps for each key
	Methods []jsonMethod `json:"methods"`
}

type jsonMethod struct {
	Name   string         `json:"name"`
	Policy string         `json:"policy,omitempty"`
	GiveUp bool           `json:"giveup,omitempty"` // it is called when a delivery of its event is given up
	Batch  bool           `json:"batch,omitempty"`  // it takes several deliveries at a time, and emits for each
	Events []string       `json:"events"`
	Keeps  []string       `json:"keeps,omitempty"` // undos, which one of the organ's methods may emit later
	Emits  []jsonEmission `json:"emits"`
}

type jsonEmission struct {
	Event string `json:"event"`
	Many  bool   `json:"many,omitempty"`  // any number for one call; otherwise one or none
	Later bool   `json:"later,omitempty"` // it may be delayed
	Timer bool   `json:"timer,omitempty"` // it comes from a timer, to the organ itself
	Undo  bool   `json:"undo,omitempty"`  // it was kept, and takes back what the organ has done
}

// JSON writes the nodes and edges for programs.
func (p *Picture) JSON(w io.Writer) error {
	out := jsonPicture{Events: []jsonEvent{}, Organs: []jsonOrgan{}}
	for _, e := range p.Events {
		j := jsonEvent{Name: e.Name, Version: e.Version, Type: e.Path + "." + e.GoName, Output: e.Output, Entry: e.Entry}
		if e.Key != nil {
			j.Key = e.Key.Wire
		}
		if e.Every != nil {
			j.Every = e.Every.Text()
		}
		out.Events = append(out.Events, j)
	}
	for _, o := range p.Organs {
		j := jsonOrgan{Name: o.Name, Type: o.Path + "." + o.GoName, Policy: graph.PolicyText(o.Directive), Methods: []jsonMethod{}}
		if s := o.State(); s != nil {
			j.State = s.Name
		}
		for _, m := range o.Methods {
			j.Methods = append(j.Methods, m.jsonForm())
		}
		out.Organs = append(out.Organs, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(out)
}

func (m *Method) jsonForm() jsonMethod {
	j := jsonMethod{Name: m.Name, Policy: m.Policy, GiveUp: m.GiveUp, Batch: m.Batch, Keeps: m.Keeps, Events: []string{}, Emits: []jsonEmission{}}
	for _, e := range m.Events {
		j.Events = append(j.Events, e.Name)
	}
	for _, x := range m.Emits {
		j.Emits = append(j.Emits, jsonEmission{x.Event.Name, x.Many, x.Delayed && !x.Timer, x.Timer, x.Undo})
	}
	return j
}
