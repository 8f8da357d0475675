package compare

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// compareDispatch calls every route of organs with an empty event, and compares the types of their emissions with the
// expected ones of each method: "*shop.Billing.Charge" emits "*shop.Paid".
func (r *Report) compareDispatch(organs []necro.Organ, emits map[string][]string) {
	got := map[string][]string{}
	for _, o := range organs {
		for _, route := range o.NecroOrgan().Routes {
			r.Routes++
			out := new(contract.Emissions)
			if err := route.Handle(context.Background(), route.Event.New(), out); err != nil {
				r.Differences = append(r.Differences, fmt.Sprintf("%T.%s: %v", o, route.Method, err))
			}
			got[fmt.Sprintf("%T.%s", o, route.Method)] = emittedTypes(out)
		}
	}
	if !maps.EqualFunc(got, emits, slices.Equal[[]string]) {
		r.Differences = append(r.Differences, fmt.Sprintf("dispatch: got %v, want %v", got, emits))
	}
}

// emittedTypes lists the types of emissions.
func emittedTypes(out *contract.Emissions) []string {
	var types []string
	for _, e := range out.Events {
		types = append(types, reflect.TypeOf(e).String())
	}
	return types
}
