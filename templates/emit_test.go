package templates

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestEmit compares generated files with the ones in testdata. They are compiled and run
// as part of internal/proof/difftest and of the end-to-end cases.
func TestEmit(t *testing.T) {
	for name, pkg := range map[string]*model.Package{
		"shop": shop(),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Emit(pkg)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".golden"), got)
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; go test ./templates -update rewrites it. Got:\n%s", file, got)
	}
}

// shop is a package with one of most things.
func shop() *model.Package {
	const path = "example.com/shop"
	str := &model.Type{Kind: model.String, Name: "string"}
	f64 := &model.Type{Kind: model.Float64, Name: "float64"}
	integer := &model.Type{Kind: model.Int, Name: "int"}
	leg := &model.Type{Kind: model.Struct, Name: "Leg", Path: path, PkgName: "shop", Comparable: true}
	leg.Fields = []*model.Field{field("Qty", "qty", integer, ruled("min", "1"))}
	orderID := field("OrderID", "order_id", str, ruled("required", ""), ruled("uuid", ""))
	order := event(path, "OrderPlaced", "ORDER_PLACED",
		orderID,
		field("Amount", "amount", f64, ruled("gt", "0")),
		field("Legs", "legs", &model.Type{Kind: model.Slice, Elem: leg}, ruled("max", "3")),
		field("Stock", "stock", &model.Type{Kind: model.Map, Key: str, Elem: integer}),
		field("First", "first", &model.Type{Kind: model.Pointer, Elem: leg}),
		field("Note", "note", str, ruled("omitempty", ""), ruled("max", "20")),
		field("At", "at", &model.Type{Kind: model.Time, Name: "Time", Path: "time", PkgName: "time"}),
	)
	order.Struct.Fields[2].Rules.Dive = &model.Rules{}
	order.Struct.Fields[5].OmitEmpty = true
	order.Key = orderID
	order.Struct.Checks = []*model.Check{{Name: "totals"}}
	taken := event(path, "PaymentTaken", "PAYMENT_TAKEN", field("OrderID", "order_id", str))
	taken.Output = true
	invoice := &model.Event{GoName: "Invoice", Path: "example.com/billing", PkgName: "billing", Name: "INVOICE", Version: 1}
	return &model.Package{
		Path: path, Name: "shop", Events: []*model.Event{order, taken},
		Organs: []*model.Organ{{
			GoName: "Billing", Name: "shop.Billing", Path: path,
			Policy: policyOf(map[string]string{"retry": "5", "backoff": "100ms..30s", "onfail": "drop", "order": "strict"}),
			Handlers: []*model.Handler{
				{Method: "Charge", Event: order, Results: []*model.Result{
					{Event: taken, Pointer: true}, {Event: invoice, Slice: true},
				}, Emits: []*model.Emit{{Event: taken}}, Error: true, Policy: policyOf(map[string]string{"timeout": "2s"})},
				{Method: "Audit", Event: taken, Interface: true, Error: true},
				{Method: "Count", Event: invoice, Pointer: true},
			},
		}},
	}
}

func policyOf(written map[string]string) model.Policy {
	p := model.Policy{Values: map[string]policykey.Value{}}
	for key, text := range written {
		value, err := policykey.Lookup(key).Parse(text)
		if err != nil {
			panic(err)
		}
		p.Values[key] = value
	}
	return p
}

func event(path, goName, name string, fields ...*model.Field) *model.Event {
	t := &model.Type{Kind: model.Struct, Name: goName, Path: path, PkgName: "shop", Fields: fields}
	e := &model.Event{GoName: goName, Path: path, PkgName: "shop", Name: name, Version: 1, Struct: t}
	t.Event = e
	return e
}

func field(name, wire string, t *model.Type, rules ...*model.Rule) *model.Field {
	f := &model.Field{Name: name, Wire: wire, Type: t, Exported: true}
	if rules != nil {
		f.Rules = &model.Rules{List: rules}
	}
	return f
}

func ruled(name, param string) *model.Rule { return &model.Rule{Name: name, Param: param} }
