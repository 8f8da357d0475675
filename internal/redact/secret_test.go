package redact

import (
	"strings"
	"testing"
)

func TestHas(t *testing.T) {
	names := Default.With("IBAN", "tax-id", "")
	for key, want := range map[string]bool{
		"password": true, "Password": true, "PASSWORD": true, "db.password": true, "passWord": true, "user_passwd": true,
		"api_key": true, "apiKey": true, "API-Key": true, "APIKey": true, "apikey": true, "x-api-key-2": true,
		"accessToken": true, "tokens": true, "Set-Cookie": true, "HTTPCookies": true, "clientSecretID": true,
		// words that are written together, numbers, and short names
		"accesstoken": true, "ACCESSTOKEN": true, "clientsecret": true, "clientsecretid": true, "refreshtoken": true, "githubtoken": true,
		"dbpassword": true, "password2": true, "passwordHash2": true, "passwordhash": true, "secretkey": true, "secretid": true,
		"apikey2": true, "myapikey": true, "dbpass": true, "smtp_pass": true, "userpwd": true, "credentials": true,
		"bearer": true, "Bearer": true, "auth": true, "X-Auth": true, "basicauth": true, "oauth": true, "pin": true, "PIN": true, "cardPin": true,
		"userpin": true, "otp": true, "smsotp": true, "OTPCode": true, "otpcode": true, "ssn": true, "SSN": true, "customer_ssn": true,
		"cvv": true, "sessionid": true, "JSESSIONID": true, "PHPSESSID": true, "cardnumber": true, "customeriban": true,
		"author": false, "authority": false, "compass": false, "bypass": false, "spin": false, "pinned": false, "shipping": false,
		"session": false, "password_less": true, "laptop": false, "potpie": false, "assn": false, "tokenizers": false,
		"iban": true, "customerIBAN": true, "tax_id": true, "taxID": true, "TaxIDs": true,
		"tokenizer": false, "secretary": false, "key": false, "api": false, "passage": false, "compassword": true,
		"": false, "_": false, "organ": false, "event_id": false, "correlation_id": false, "keyboard_api": false,
	} {
		if got := names.Has(key); got != want {
			t.Errorf("%q: %v, want %v (%q)", key, got, want, splitWords(key))
		}
	}
	if Default.Has("iban") {
		t.Error("With changed the names it was called on")
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		// URLs
		"dial redis://user:pw@host:6379/0: refused": "dial redis://user:***@host:6379/0: refused",
		"redis://:pw@host":                          "redis://:***@host",
		"https://ghp_token@github.com/a":            "https://***@github.com/a",
		"redis://u:p@a:1,redis://v:q@b:2":           "redis://u:***@a:1,redis://v:***@b:2",
		"redis://u:p@q@host":                        "redis://u:***@host",
		"redis://u:p/q@host":                        "redis://u:***@host",
		"redis://u:p@q/r@host":                      "redis://u:***@host",
		"redis://:12/pw@host":                       "redis://:***@host",
		"redis://u:p q@host is no URL":              "redis://u:***@host is no URL",
		"redis://u:pw-that-was-cut":                 "redis://u:***",
		`parse "redis://u:p%zz@host": invalid`:      `parse "redis://u:***@host": invalid`,
		"http://h/?next=redis://u:p@host":           "http://h/?next=redis://u:***@host",
		"http://host:8080/users/a@b.c":              "http://host:8080/users/a@b.c",
		"http://[::1]:80/ and http://host":          "http://[::1]:80/ and http://host",
		"mail to a@b.c: 12:30":                      "mail to a@b.c: 12:30",
		"://":                                       "://", "a://@": "a://***@",
		// addresses without a scheme
		"user:pw@tcp(h)/db":                         "user:***@tcp(h)/db",
		"dial user:p@ss/w:rd@tcp(h:3306)/db: no":    "dial user:***@tcp(h:3306)/db: no",
		"user:pw@/db":                               "user:***@/db",
		"dsn=user:pw@unix(/tmp/s)/db":               "dsn=user:***@unix(/tmp/s)/db",
		"user:pw@host:1521/sid, user:pw@localhost.": "user:***@host:1521/sid, user:***@localhost.",
		"ssh user:pw@10.0.0.1":                      "ssh user:***@10.0.0.1",
		"{Mail:a@example.com}":                      "{Mail:a@example.com}",
		"from:a@example.com: refused":               "from:a@example.com: refused",
		"mail to:a@b.c, 12:30@noon":                 "mail to:a@b.c, 12:***@noon",
		"u:p=w,x@tcp(h)/db?mail=a@b.c":              "u:***@tcp(h)/db?mail=a@b.c",
		// tokens without a name, and flags
		"sent Bearer eyJhbGciOiJIUzI1NiJ9.e30.x, got 401": "sent Bearer ***, got 401",
		"BASIC dXNlcjpwdw== is refused":                   "BASIC *** is refused",
		"the bearer token is missing":                     "the bearer token is missing",
		"a bearer of news, basic auth":                    "a bearer of news, basic auth",
		"exec tool --password pw --user u --token":        "exec tool --password *** --user u --token",
		"tool --token=x -- --secret -v":                   "tool --token=*** -- --secret -v",
		"X-Api-Key: a b\nHost: h":                         "X-Api-Key: ***\nHost: h",
		"X-Auth-Token: x":                                 "X-Auth-Token: ***",
		"Proxy-Authorization: Basic x":                    "Proxy-Authorization: ***",
		// queries and settings
		"clientsecret=x&accesstoken=y&bearer=z&auth=a&pin=1&otp=2&ssn=3": "clientsecret=***&accesstoken=***&bearer=***&auth=***&pin=***&otp=***&ssn=***",
		"http://h/x?password=a%20b&n=1":                                  "http://h/x?password=***&n=1",
		"host=h password=pw user=u":                                      "host=h password=*** user=u",
		"host=h password='p w' user=u":                                   "host=h password='***' user=u",
		`PASSWORD="p\"w" n=1`:                                            `PASSWORD="***" n=1`,
		"url=http://h?access_token=x&secret=y":                           "url=http://h?access_token=***&secret=***",
		"password=":                                                      "password=",
		"password= x":                                                    "password=*** x",
		"tokenizer=x":                                                    "tokenizer=x",
		// JSON, whole, in a string, and broken
		`{"user":"u","password":"p\"w","n":1}`:      `{"user":"u","password":"***","n":1}`,
		`{"secret": {"a": ["b", {}]}, "n": 1}`:      `{"secret": ***, "n": 1}`,
		`{"secret": 12, "n": 1}`:                    `{"secret": ***, "n": 1}`,
		`"{\"password\":\"pw\",\"n\":\"x\"}"`:       `"{\"password\":\"***\",\"n\":\"x\"}"`,
		`{"password":"cut o`:                        `{"password":"***`,
		`{"secret":[1,`:                             `{"secret":***`,
		"{User:u Password:pw N:1}":                  "{User:u Password:*** N:1}",
		"map[Authorization:[Bearer x y] N:[1]]":     "map[Authorization:*** N:[1]]",
		"Authorization: Bearer x\nHost: h":          "Authorization: ***\nHost: h",
		"Set-Cookie: a=b; c=d\r\nHost: h":           "Set-Cookie: ***\r\nHost: h",
		"bad token: unexpected EOF":                 "bad token: unexpected EOF",
		"password: ":                                "password: ",
		"ключ=1 ":                                   "ключ=1 ",
		"a:b=c":                                     "a:b=c",
		"\xff password=\xff\xfe n":                  "\xff password=*** n",
		"two lines\npassword=pw\nthe third token=x": "two lines\npassword=***\nthe third token=***",
	} {
		if got := Default.Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestTextIsBounded wants texts that are made to cost time to cost little: these take seconds where
// the work is not in proportion to the text.
func TestTextIsBounded(t *testing.T) {
	for _, part := range []string{"://a:b", "password=", `"secret":[`, "token:", `password='\`, "a_", "://:", "Cookie:", "a:b@", "@", "bearer ", "--", "--a ", "--password ", "a:@c@"} {
		text := strings.Repeat(part, 1<<20/len(part))
		if got := Default.Text(text); len(got) > 4*MaxText {
			t.Errorf("%q: %d bytes became %d", part, len(text), len(got))
		}
	}
	if got := Default.Text(strings.Repeat("é", MaxText) + "password=pw"); strings.Contains(got, "pw") || !strings.HasSuffix(got, "é… (65547 bytes more)") {
		t.Error(got[len(got)-50:])
	}
	Default.Has(strings.Repeat("a_", 1<<17))
}

// FuzzText puts a secret into texts in each of the ways in which one is known.
func FuzzText(f *testing.F) {
	f.Add("dial ", ": refused")
	f.Add("://u:", "@host")
	f.Add(`{"a":"`, `"}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "hunter2hunter2"
		for _, form := range []string{" redis://u:" + secret + "@h ", " ?password=" + secret + "& ", ` "token":"` + secret + `" `, "\nAuthorization: Bearer " + secret + "\n", " clientsecret=" + secret + " ", " u:" + secret + "@tcp(h)/db "} {
			if strings.Contains(before+after, secret) || len(before) > MaxText/2 {
				return
			}
			if got := Default.Text(before + form + after); strings.Contains(got, secret) {
				t.Errorf("%q", got)
			}
		}
	})
}
