package compare

import (
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// foreign makes values of the types that bring their own encoding, or that hide their contents. A value must be
// one that its type can write and read again.
var foreign = map[reflect.Type]func(*Random) any{
	reflect.TypeFor[time.Time]():          func(r *Random) any { return r.drawTime() },
	reflect.TypeFor[big.Int]():            func(r *Random) any { return *r.bigInt() },
	reflect.TypeFor[netip.Addr]():         func(r *Random) any { return r.drawAddr() },
	reflect.TypeFor[netip.AddrPort]():     func(r *Random) any { return netip.AddrPortFrom(r.drawAddr(), uint16(r.IntN(1<<16))) },
	reflect.TypeFor[netip.Prefix]():       func(r *Random) any { return netip.PrefixFrom(r.drawAddr(), r.IntN(32)) },
	reflect.TypeFor[url.URL]():            func(r *Random) any { return *r.drawURL() },
	reflect.TypeFor[json.RawMessage]():    func(r *Random) any { return json.RawMessage(pickOne(r, []string{"{}", "[1]", "null", "\"x\""})) },
	reflect.TypeFor[json.Number]():        func(r *Random) any { return json.Number(pickOne(r, []string{"1", "-2.5", "1e3", ""})) },
	reflect.TypeFor[msgpack.RawMessage](): func(r *Random) any { return msgpack.RawMessage(pickOne(r, rawMessages)) },
	reflect.TypeFor[error]():              func(r *Random) any { return pickOne(r, []error{nil, errors.New("it failed"), errors.New("")}) },
}

var rawMessages = []string{"\x01", "\xc0", "\x93\x01\x02\x03", "\x81\xa1a\xc3", "\xa3abc", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"}

// fillForeign sets a value that reflection can't fill.
func (r *Random) fillForeign(v reflect.Value) bool {
	if f := foreign[v.Type()]; f != nil {
		if x := reflect.ValueOf(f(r)); x.IsValid() {
			v.Set(x)
		}
		return true
	}
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		if x := reflect.ValueOf(r.drawAny(0)); x.IsValid() {
			v.Set(x)
		}
		return true
	}
	return false
}

func (r *Random) bigInt() *big.Int {
	n := big.NewInt(r.Int64() - r.Int64())
	return n.Mul(n, big.NewInt(int64(r.IntN(1000))))
}

func (r *Random) drawAddr() netip.Addr {
	return pickOne(r, []netip.Addr{
		{}, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1%eth0"),
		netip.AddrFrom4([4]byte{byte(r.IntN(256)), 0, 2, 1}),
	})
}

func (r *Random) drawURL() *url.URL {
	u, err := url.Parse(pickOne(r, []string{"", "http://example.com/a?b=c#d", "mailto:x", "/path", "//host"}))
	if err != nil {
		panic(err)
	}
	return u
}

// drawAny draws what an interface may hold: what reading gives back as it was written.
func (r *Random) drawAny(depth int) any {
	switch n := r.IntN(12); {
	case n == 0:
		return nil
	case n == 1:
		return r.IntN(2) == 0
	case n == 2:
		return r.drawText()
	case n == 3:
		return []byte(r.drawText())
	case n == 4:
		return int8(r.IntN(100))
	case n == 5:
		return r.Int64()
	case n == 6:
		return uint16(r.IntN(1 << 16))
	case n == 7:
		return 1.5 + float64(r.IntN(10))
	case n == 8:
		return float32(0.25)
	case n == 9 || depth > 2:
		return time.Unix(r.Int64N(1<<33), 0)
	case n == 10:
		return []any{r.drawAny(depth + 1), r.drawAny(depth + 1)}
	}
	return map[string]any{"a": r.drawAny(depth + 1), r.drawText(): r.drawAny(depth + 1)}
}
