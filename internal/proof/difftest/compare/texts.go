package compare

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/rule"
)

// texts are for fields without a rule that has texts of its own.
var texts = []string{
	"", "a", "ab", "abc", "abcd", "abcde", "abcdef", "äöü", "日本語だ", "\xff\xfe", "a\x00b",
	"buy", "sell", "EUR", "USD", "Swiss francs", "two words", "one", "a,b", "x y",
	"me@example.com", "http://example.com", "123e4567-e89b-12d3-a456-426614174000", "7", "-4", "1.5",
	"thirty-one characters of text!!", "thirty-two characters of text!!!",
}

// ruleTexts holds texts that a rule accepts, and texts that it narrowly refuses.
var ruleTexts = poolTexts()

// poolTexts joins the examples of the table of rules with those below.
func poolTexts() map[string][]string {
	pool := map[string][]string{}
	for _, r := range rule.All() {
		pool[r.Name] = slices.Concat(r.Good, r.Bad, moreTexts[r.Name])
	}
	return pool
}

// moreTexts are what the table has no room for.
var moreTexts = map[string][]string{
	"email": {
		"me@example.com", "me@example", "a.b@c.d.e", "\"q\"@example.org", "Me <me@example.com>",
		"me@exam_ple.com", "ü@ö.de", "me@example.com.", "a..b@example.com", "@", "a@b@c.de",
	},
	"url": {
		"http://example.com", "example.com", "file:///", "file:///x", "mailto:x", "HTTP://x", "a:b",
		"http://", "://x", "x:#y", "http://a b", "http://[::1]:80/x?y#z", "http://x#",
	},
	"uri":      {"http://example.com", "/a/b", "a:b", "", "%zz", "http://x#f", "//x", "x y", ":"},
	"http_url": {"http://example.com", "https://x", "ftp://x", "HTTPS://X.y/z"},
	"uuid": {
		"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000",
		"123e4567-e89b-12d3-a456-42661417400", "123e4567xe89b-12d3-a456-426614174000",
	},
	"uuid3":            {"a987fbc9-4bed-3078-cf07-9141ba07c9f3", "A987FBC9-4BED-3078-CF07-9141BA07C9F3", "a987fbc9-4bed-4078-8f07-9141ba07c9f3"},
	"uuid4":            {"57b73598-8764-4ad0-a76a-679bb6640eb1", "57b73598-8764-4ad0-c76a-679bb6640eb1", "625e63f3-58f5-3b97-8146-5f1a6ea7a59d"},
	"uuid5":            {"987fbc97-4bed-5078-af07-9141ba07c9f3", "987fbc97-4bed-5078-cf07-9141ba07c9f3", "9c858901-8a57-4791-81fe-4c455b099bc9"},
	"uuid7":            {"01893d5a-7a3c-7c3a-8e0f-3b6f0c1d2e3f", "01893d5a-7a3c-6c3a-8e0f-3b6f0c1d2e3f"},
	"uuid_rfc4122":     {"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"},
	"uuid3_rfc4122":    {"a987fbc9-4bed-3078-cf07-9141ba07c9f3", "A987FBC9-4BED-3078-CF07-9141BA07C9F3"},
	"uuid4_rfc4122":    {"57b73598-8764-4ad0-a76a-679bb6640eb1", "57B73598-8764-4AD0-A76A-679BB6640EB1"},
	"uuid5_rfc4122":    {"987fbc97-4bed-5078-af07-9141ba07c9f3", "987FBC97-4BED-5078-AF07-9141BA07C9F3"},
	"ulid":             {"01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAI"},
	"e164":             {"+12345678901", "12345678901", "+0123", "+1", "+123456789012345", "+1234567890123456"},
	"ip":               {"127.0.0.1", "::1", "1.2.3", "1.2.3.256", "::ffff:1.2.3.4", "fe80::1%eth0", "01.2.3.4"},
	"ipv4":             {"127.0.0.1", "::1", "1.2.3.256", "::ffff:1.2.3.4", "255.255.255.255"},
	"ipv6":             {"2001:db8::1", "::1", "127.0.0.1", "::ffff:1.2.3.4", ":::", "fe80::1%eth0"},
	"cidr":             {"10.0.0.0/8", "::/0", "10.0.0.1/33", "10.0.0.1/8", "10.0.0.0", "2001:db8::/32"},
	"cidrv4":           {"10.0.0.0/8", "10.0.0.1/8", "::/0", "0.0.0.0/0"},
	"cidrv6":           {"2001:db8::/32", "::/0", "10.0.0.0/8", "2001:db8::1/32"},
	"mac":              {"00:00:5e:00:53:01", "02-00-5e-10-00-00-00-01", "0000.5e00.5301", "00:00:5e:00:53", "00:00:5e:00:53:0g"},
	"port":             {"80", "0", "65535", "65536", "-1", "http", "080"},
	"hostname":         {"example.com", "localhost", "-a.com", "a_b", "a.b.c", "1a.com", "example.com.", "xn--bcher-kva.example"},
	"hostname_rfc1123": {"example.com", "1a.com", "-a.com", "a-.com", "a.b.c", "0.0.0.0", "a..b", "example.com."},
	"hostname_port":    {"example.com:80", ":80", "example.com:0", "example.com:65536", "[::1]:80", "example.com"},
	"fqdn":             {"example.com", "example.com.", "localhost", "a.b", "1.2.3.4", "-a.com", "ex ample.com"},
	"hexadecimal":      {"deadBEEF", "0xff", "0XFF", "xyz", "", "0x", "12"},
	"hexcolor":         {"#fff", "#ffff", "#abcdef", "#abcdef00", "fff", "#ggg", "#FFFFFF"},
	"base64":           {"Zm9v", "Zm9vYg==", "Zm9vYg", "Zm9vYmE=", "Z", "____", "+/+/"},
	"base64url":        {"Zm9v", "Zm9vYg==", "-_-_", "+/+/", "Zm9vYmE="},
	"base64rawurl":     {"Zm9v", "Zm9vYg", "Zm9vYg==", "-_-_"},
	"base32":           {"MZXW6===", "MZXW6YTB", "mzxw6===", "MZXW6", "MZ======"},
	"json":             {"{}", "[1,2]", "1", "nul", "null", "{\"a\":1}", "{a:1}", " 1 ", "\"x\""},
	"jwt":              {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "a.b.c", "a.b", "a.b.", "a.b.c.d", "ä.b.c"},
	"semver":           {"1.2.3", "v1.2.3", "1.2", "1.2.3-alpha.1+build.5", "01.2.3", "1.2.3-01", "1.2.3-"},
	"datetime": {
		"2024-02-29", "2023-02-29", "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+01:00",
		"15:04", "24:00", "Mon, 02 Jan 2006", "2024-1-2",
	},
	"timezone":           {"UTC", "Europe/Berlin", "Local", "local", "", "Mars/Base", "America/New_York", "europe/berlin"},
	"iso3166_1_alpha2":   {"DE", "de", "US", "XX", "UK", "GB", "DEU"},
	"iso3166_1_alpha3":   {"DEU", "deu", "USA", "XXX", "GBR", "DE"},
	"country_code":       {"DE", "DEU", "276", "XX", "4"},
	"iso4217":            {"EUR", "eur", "USD", "XXX", "ABC", "CHF"},
	"latitude":           {"0", "90", "-90", "90.0001", "45.5", "+45", "91", "-90.000"},
	"longitude":          {"0", "180", "-180", "180.0001", "45.5", "+170", "181", "-180.0"},
	"credit_card":        {"4111111111111111", "4111 1111 1111 1111", "4111111111111112", "378282246310005", "4111  1111 1111 1111", "0000000000000000"},
	"luhn_checksum":      {"4111111111111111", "79927398713", "79927398710", "0", "abc"},
	"alpha":              {"abc", "ABC", "ab1", "äöü", "a b"},
	"alphanum":           {"abc1", "123", "a-b", "ä1"},
	"alphaunicode":       {"äöü", "abc", "ab1", "日本", "a b"},
	"alphanumunicode":    {"äöü1", "日本1", "a-b", "٣"},
	"alphaspace":         {"a b", "ab", "a1", " ", "a\tb"},
	"alphanumspace":      {"a 1", "ab", "a-", " "},
	"ascii":              {"abc", "\x7f", "ä", "\x00", "a\n"},
	"printascii":         {"abc", "~", "\x7f", "ä", " ", "a\n"},
	"multibyte":          {"ä", "abc", "aä", "日本"},
	"lowercase":          {"abc", "Abc", "äöü", "ÄÖÜ", "123", "ß"},
	"uppercase":          {"ABC", "Abc", "ÄÖÜ", "äöü", "123", "ẞ"},
	"boolean":            {"true", "false", "1", "0", "t", "TRUE", "yes", "True"},
	"number":             {"123", "-1", "1.5", "007", "+1"},
	"numeric":            {"123", "-1.5", "+1.5", "1.", ".5", "1e3", "007"},
	"startswith":         {"abc", "xabc"},
	"bic":                {"DEUTDEFF", "DEUTDEFF500", "deutdeff", "DEUTDEF"},
	"isbn":               {"978-3-16-148410-0", "9783161484100", "3-16-148410-X", "316148410X", "3161484100"},
	"md5":                {"d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E", "d41d"},
	"sha256":             {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "e3b0"},
	"cron":               {"* * * * *", "0 0 1 1 0", "@daily", "* * *", "61 * * * *"},
	"mongodb":            {"507f1f77bcf86cd799439011", "507f1f77bcf86cd79943901", "507F1F77BCF86CD799439011"},
	"dns_rfc1035_label":  {"abc", "a-b", "-a", "a1", "1a", "A"},
	"bcp47_language_tag": {"de", "de-DE", "en-US", "x", "de_DE", "zz-ZZ"},
	"html":               {"<b>", "<p>x</p>", "b", "<", "</a>"},
	"html_encoded":       {"&amp;", "&#60;", "a", "&", "&#x3c;"},
	"url_encoded":        {"a%20b", "%zz", "a b", "%2F"},
	"datauri":            {"data:text/plain;base64,Zm9v", "data:,x", "data:text/plain,Zm9v", "data:;base64,Zm9v"},
	"rgb":                {"rgb(1,2,3)", "rgb(256,0,0)", "rgb(10%,2%,3%)", "rgb(1, 2, 3)"},
}
