package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
)

// read tells what an input says, a line for each record.
func read(text string) (told []string) {
	number := uint64(0)
	for rec := range input.Records(strings.NewReader(text), needed) {
		number++
		var e necro.Event
		err := rec.Err
		if err == nil {
			e, err = eventOf(&rec, number)
		}
		if err != nil {
			told = append(told, fmt.Sprintf("%s: %s", rec.Place("orders")[len("orders:"):], strings.ReplaceAll(err.Error(), "\n", "; ")))
			continue
		}
		told = append(told, fmt.Sprintf("%d: %s", rec.Line, describe(e)))
	}
	return told
}

func describe(e necro.Event) string {
	switch e := e.(type) {
	case *OrderSubmitted:
		return fmt.Sprintf("%d %s %s %s %s %d %s", e.OrderID, e.TraderID, e.Symbol, e.Side, e.Type, e.Quantity, e.Price)
	case *CancelRequested:
		return fmt.Sprintf("cancel %d %s %s", e.OrderID, e.TraderID, e.Symbol)
	}
	return "?"
}

const header = "trader_id,symbol,side,order_type,quantity,price\n"

func TestRecords(t *testing.T) {
	for _, test := range []struct {
		name, input string
		want        []string
	}{
		{"csv", header + "a,X,BUY,LIMIT,1,2.5\n\nb,Y,sell,market,3,\n", []string{"2: 1 a X BUY LIMIT 1 2.50", "4: 2 b Y SELL MARKET 3 0.00"}},
		{"columns in another order, and more of them",
			"Price, symbol ,side,order_type,quantity,trader_id,note\n2.5,x,BUY,LIMIT,1,a,hello\n", []string{"2: 1 a X BUY LIMIT 1 2.50"}},
		{"order ids and a cancel", "order_id," + header + "7,a,X,BUY,LIMIT,1,2\n7,a,X,,cancel,,\n,a,X,,CANCEL,,\n",
			[]string{"2: 7 a X BUY LIMIT 1 2.00", "3: cancel 7 a X", "4: order_id: a cancel names the order that it takes back"}},
		{"byte order mark, windows lines, quotes", "\ufeff" + header + "\"a, b\",X,BUY,LIMIT,1,2\r\n", []string{"2: 1 a, b X BUY LIMIT 1 2.00"}},
		{"a comment in front", "# morning\n" + header + "a,X,BUY,LIMIT,1,2\n", []string{"3: 1 a X BUY LIMIT 1 2.00"}},
		{"wrong values", header + "a,X,BUY,LIMIT,1.5,2,\na,X,BUY,LIMIT,many,-2\na,X,BUY,LIMIT,1,2\n",
			[]string{"2: 7 fields where the header has 6: a field with a comma stands in quotes",
				`3: quantity: "many" is not a whole number; price: "-2" is not a price such as 150.25, with at most 4 digits behind the point`,
				"4: 3 a X BUY LIMIT 1 2.00"}},
		{"a quote that does not fit", header + "a\"b,X,BUY,LIMIT,1,2\nc,X,BUY,LIMIT,1,2\n",
			[]string{"2:2: a quote inside of a field: put the whole field in quotes, and double the quotes in it", "3: 2 c X BUY LIMIT 1 2.00"}},
		{"no header", "a,X,BUY,LIMIT,1,2\n",
			[]string{"1: header: there is no column trader_id; need trader_id, symbol, side, order_type, quantity, price"}},
		{"header only", header, nil},
		{"nothing", "", []string{"1: header: the input is empty"}},
		{"json array", "[\n {\"trader_id\":\"a\",\"symbol\":\"X\",\"side\":\"BUY\",\"order_type\":\"LIMIT\",\"quantity\":1,\"price\":0.1},\n" +
			" 5,\n {\"trader_id\":\"b\",\n\"symbol\":\"X\",\"side\":\"BUY\",\"order_type\":\"MARKET\",\"quantity\":\"3\",\"price\":null}]\n",
			[]string{"2: 1 a X BUY LIMIT 1 0.10", "3: is not a JSON object", "4: 3 b X BUY MARKET 3 0.00"}},
		{"json lines", "{\"trader_id\":\"a\",\"symbol\":\"X\",\"side\":\"BUY\",\"order_type\":\"LIMIT\",\"quantity\":1,\"price\":2}\n{oops\n\n" +
			"{\"trader_id\":\"a\",\"symbol\":\"X\",\"order_type\":\"CANCEL\",\"order_id\":1}",
			[]string{"1: 1 a X BUY LIMIT 1 2.00", "2: invalid character 'o' looking for beginning of object key string", "4: cancel 1 a X"}},
		{"json that breaks off", "[\n{\"trader_id\":\"a\",\"symbol\":\"X\",\"order_type\":\"CANCEL\",\"order_id\":1},\n{\"trader_id\":",
			[]string{"2: cancel 1 a X", "3: the rest is not read: unexpected EOF"}},
		{"json with a mistake", "[\n{\"trader_id\":\"a\",\"symbol\":\"X\",\"order_type\":\"CANCEL\",\"order_id\":1},\n\n{\"trader_id\" 5},\n{}]",
			[]string{"2: cancel 1 a X", "4: the rest is not read: invalid character '5' after object key"}},
		{"a list for a price", `[{"price":[1]}]`, []string{"1: price is neither text nor a number, nor a list of texts"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := read(test.input); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
