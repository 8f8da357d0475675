package rules_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/gen/rule"
	"github.com/necrostack/necrogen/runtime/rules"
)

// predicates are the functions on text by the names that the table of rules has for them.
var predicates = map[string]func(string) bool{
	"ASCII": rules.ASCII, "Addr4Port": rules.Addr4Port, "Addr6Port": rules.Addr6Port, "AddrPort": rules.AddrPort,
	"Alpha": rules.Alpha, "AlphaSpace": rules.AlphaSpace, "AlphaUnicode": rules.AlphaUnicode,
	"Alphanum": rules.Alphanum, "AlphanumSpace": rules.AlphanumSpace, "AlphanumUnicode": rules.AlphanumUnicode,
	"BIC": rules.BIC, "BIC2014": rules.BIC2014, "Base32": rules.Base32, "Base64": rules.Base64,
	"Base64RawURL": rules.Base64RawURL, "Base64URL": rules.Base64URL, "Boolean": rules.Boolean,
	"CIDR": rules.CIDR, "CIDRv4": rules.CIDRv4, "CIDRv6": rules.CIDRv6, "CMYK": rules.CMYK, "CVE": rules.CVE,
	"Color": rules.Color, "Country": rules.Country, "CountryAlpha2": rules.CountryAlpha2,
	"CountryAlpha2EU": rules.CountryAlpha2EU, "CountryAlpha3": rules.CountryAlpha3,
	"CountryAlpha3EU": rules.CountryAlpha3EU, "CountryEU": rules.CountryEU,
	"CountryNumeric": rules.CountryNumeric, "CountryNumericEU": rules.CountryNumericEU,
	"CreditCard": rules.CreditCard, "Currency": rules.Currency, "DNSLabel": rules.DNSLabel,
	"Duration": rules.Duration, "E164": rules.E164, "EIN": rules.EIN, "Email": rules.Email,
	"EthAddr": rules.EthAddr, "FQDN": rules.FQDN, "HSL": rules.HSL, "HSLA": rules.HSLA, "HTML": rules.HTML,
	"HTMLEncoded": rules.HTMLEncoded, "HTTPSURL": rules.HTTPSURL, "HTTPURL": rules.HTTPURL,
	"HexColor": rules.HexColor, "Hexadecimal": rules.Hexadecimal, "Hostname": rules.Hostname,
	"HostnameLabel": rules.HostnameLabel, "HostnamePort": rules.HostnamePort,
	"HostnameRFC1123": rules.HostnameRFC1123, "IP": rules.IP, "IPv4": rules.IPv4, "IPv6": rules.IPv6,
	"ISBN": rules.ISBN, "ISBN10": rules.ISBN10, "ISBN13": rules.ISBN13, "ISSN": rules.ISSN, "JSON": rules.JSON,
	"JWT": rules.JWT, "Latitude": rules.Latitude, "Longitude": rules.Longitude, "Lowercase": rules.Lowercase,
	"Luhn": rules.Luhn, "MAC": rules.MAC, "Multibyte": rules.Multibyte, "Number": rules.Number,
	"Numeric": rules.Numeric, "Origin": rules.Origin, "PrintASCII": rules.PrintASCII, "RGB": rules.RGB,
	"RGBA": rules.RGBA, "SSN": rules.SSN, "Semver": rules.Semver, "Timezone": rules.Timezone,
	"ULID": rules.ULID, "URI": rules.URI, "URL": rules.URL, "URLEncoded": rules.URLEncoded, "UUID": rules.UUID,
	"UUID3": rules.UUID3, "UUID3RFC4122": rules.UUID3RFC4122, "UUID4": rules.UUID4,
	"UUID4RFC4122": rules.UUID4RFC4122, "UUID5": rules.UUID5, "UUID5RFC4122": rules.UUID5RFC4122,
	"UUID7": rules.UUID7, "Uppercase": rules.Uppercase,
}

var call = regexp.MustCompile(`^rules\.(\w+)\(x(?:, (\d+))?\)$`)

// predicate returns the function that an entry of the table calls, nil for what package strings
// or a parameter decides.
func predicate(t *testing.T, r *rule.Rule) func(string) bool {
	t.Helper()
	m := call.FindStringSubmatch(r.Go)
	if r.Form != rule.Call || m == nil {
		return nil
	}
	if m[1] == "LowerHex" {
		n, _ := strconv.Atoi(m[2])
		return func(s string) bool { return rules.LowerHex(s, n) }
	}
	if predicates[m[1]] == nil {
		t.Fatalf("%s: this test does not know %s", r.Name, m[1])
	}
	return predicates[m[1]]
}

// TestPredicates: each takes what the table of rules calls good and refuses what it calls bad. The
// reference is asked in internal/proof/difftest.
func TestPredicates(t *testing.T) {
	for _, r := range rule.All() {
		fn := predicate(t, r)
		if fn == nil {
			continue
		}
		if len(r.Good) == 0 || len(r.Bad) == 0 {
			t.Errorf("%s has no good or no bad texts", r.Name)
		}
		for _, s := range r.Good {
			if !fn(s) {
				t.Errorf("%s refuses %q", r.Name, s)
			}
		}
		for _, s := range r.Bad {
			if fn(s) {
				t.Errorf("%s takes %q", r.Name, s)
			}
		}
	}
}

// TestPredicatesAllocate: a good text costs nothing, but where the standard library takes memory.
func TestPredicatesAllocate(t *testing.T) {
	takes := map[string]bool{"email": true, "url": true, "http_url": true, "https_url": true, "uri": true, "origin": true, "timezone": true}
	for _, r := range rule.All() {
		fn := predicate(t, r)
		if fn == nil || takes[r.Name] {
			continue
		}
		for _, s := range r.Good {
			// Over many runs, since the race detector makes the pool of package json forget at random.
			if n := testing.AllocsPerRun(1000, func() { fn(s) }); n > 0 {
				t.Errorf("%s allocates %v times for %q", r.Name, n, s)
			}
		}
	}
	for s, fn := range map[string]func(string) bool{
		"me@example.com": rules.Email, "https://example.com/x?y=z": rules.URL, "Europe/Berlin": rules.Timezone,
	} {
		fn(s)
		if n := testing.AllocsPerRun(10, func() { fn(s) }); n > 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

func TestNumbers(t *testing.T) {
	for name, c := range map[string]struct{ got, want bool }{
		"port 0": {rules.Port(0), false}, "port 1": {rules.Port(1), true}, "port 65535": {rules.PortUint(65535), true},
		"port 65536": {rules.PortUint(65536), false}, "port -1": {rules.Port(-1), false},
		"degrees": {rules.Degrees(-90, 90), true}, "degrees over": {rules.Degrees(90.1, 90), false},
		"country": {rules.CountryNumber(276), true}, "country 1276": {rules.CountryUint(1276), true},
		"country -276": {rules.CountryNumber(-276), false}, "country 1": {rules.CountryNumber(1), false},
		"EU": {rules.CountryNumberEU(276), true}, "not EU": {rules.CountryUintEU(840), false},
		"currency": {rules.CurrencyNumber(978), true}, "currency 1978": {rules.CurrencyUint(1978), false},
		"luhn": {rules.LuhnInt(79927398713), true}, "luhn -18": {rules.LuhnInt(-18), false}, "luhn 0": {rules.LuhnUint(0), false},
		"json": {rules.JSONBytes([]byte("{}")), true}, "no json": {rules.JSONBytes(nil), false},
		"date": {rules.DateTime("2024-02-29", time.DateOnly), true}, "no date": {rules.DateTime("2023-02-29", time.DateOnly), false},
		"long label": {rules.HostnameLabel(strings.Repeat("a", 64)), false}, "label": {rules.FQDN(strings.Repeat("a", 63) + ".b"), true},
		"long domain": {rules.FQDN(strings.Repeat("a.", 127) + "b"), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", name, c.got)
		}
	}
}

func TestUnique(t *testing.T) {
	many := make([]int, 100)
	for i := range many {
		many[i] = i
	}
	one, two := 1, 1
	for name, c := range map[string]struct{ got, want bool }{
		"none": {rules.Unique([]int(nil)), true}, "different": {rules.Unique([]string{"a", "b"}), true},
		"equal": {rules.Unique([]string{"a", "b", "a"}), false}, "many": {rules.Unique(many), true},
		"many equal":     {rules.Unique(append(many, 50)), false},
		"pointers":       {rules.UniquePointers([]*int{&one, &two}), false},
		"one nil":        {rules.UniquePointers([]*int{nil, &two}), true},
		"two nil":        {rules.UniquePointers([]*int{nil, &two, nil}), false},
		"values":         {rules.UniqueValues(map[string]int{"a": 1, "b": 2}), true},
		"equal values":   {rules.UniqueValues(map[string]int{"a": 1, "b": 1}), false},
		"targets":        {rules.UniqueTargets(map[string]*int{"a": &one, "b": nil}), true},
		"equal targets":  {rules.UniqueTargets(map[string]*int{"a": &one, "b": &two}), false},
		"two no targets": {rules.UniqueTargets(map[string]*int{"a": nil, "b": nil}), false},
		"by":             {rules.UniqueBy(2, func(i int) *int { return &many[i/2] }), false},
		"many by nil":    {rules.UniqueBy(20, func(int) *int { return nil }), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	if n := testing.AllocsPerRun(10, func() { rules.Unique(many[:16]) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSet(t *testing.T) {
	var nilPointer *int
	var nilSlice []string
	for _, c := range []struct {
		x    any
		want bool
	}{{nil, false}, {nilPointer, false}, {&nilPointer, false}, {nilSlice, false}, {&nilSlice, false}, {0, true}, {"", true}, {[]int{}, true}} {
		if got := rules.Set(c.x); got != c.want {
			t.Errorf("%#v: %v", c.x, got)
		}
	}
}

type stringer string

func (stringer) String() string { return "no" }

func TestPaths(t *testing.T) {
	for got, want := range map[string]string{
		rules.Index("a", 2): "a[2]", rules.Key("a", stringer("b")): "a[b]", rules.Key("a", -1): "a[-1]",
		rules.Key("a", uint8(7)): "a[7]", rules.Key("a", true): "a[true]",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestNow(t *testing.T) {
	later, earlier := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	if !rules.Future(later) || rules.Future(earlier) || !rules.Past(earlier) || rules.Past(later) ||
		!rules.NotPast(later) || rules.NotPast(earlier) || !rules.NotFuture(earlier) || rules.NotFuture(later) {
		t.Error("the present is elsewhere")
	}
}
