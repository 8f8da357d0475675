package console

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// Bounds of a request.
const (
	maxAddress = 8 << 10
	maxForm    = 64 << 10
)

// headers are those of every answer. The policy lets pages load the two files of this package and nothing else: a script
// that came in with stored bytes would not run even if it were not escaped. With the policy no-referrer, browsers would send no
// Origin with forms.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// ServeHTTP answers GET with a page or a file, and POST to act with an action. What the path has in front of its last slash
// is where the console is mounted.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	if len(r.URL.RequestURI()) > maxAddress {
		http.Error(w, "the address is too long: search for less", http.StatusRequestURITooLong)
		return
	}
	user, ok := c.admitRequest(w, r)
	if !ok {
		return
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case r.Method == http.MethodPost && name == "act":
		c.serveAction(w, r, user)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "pages are read with GET; the forms of the pages send actions with POST to act", http.StatusMethodNotAllowed)
	case name == "act":
		w.Header().Set("Allow", "POST")
		http.Error(w, "actions are sent by the forms of the pages, with POST: open the page of an organ or of a dead letter, and press its button", http.StatusMethodNotAllowed)
	case serveFile(w, name):
	default:
		c.servePage(w, r, name, user)
	}
}

// tokenCookie names the cookie whose value the form of an action has to repeat: a page of another site can send the
// cookie, and cannot read it. Where the console is mounted is the cookie's path.
const tokenCookie = "necrostack_console"

// tokenOf returns the token of a browser, which it sets where the browser has none.
func tokenOf(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(tokenCookie); err == nil && len(cookie.Value) >= minToken {
		return cookie.Value
	}
	token := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: token, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	return token
}

// minToken is the length of what rand.Text returns.
const minToken = 26

// whyForged returns why a POST may come from a page of another site; empty when it comes from one of this console.
func whyForged(r *http.Request) string {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return "the form comes from another site: open the page of this console, and send its form"
	} else if site == "" {
		origin, err := url.Parse(r.Header.Get("Origin"))
		if err != nil || origin.Host == "" || !strings.EqualFold(origin.Host, r.Host) {
			return "the header Origin of the form does not name this console: open the page of this console, and send its form; a proxy in front of it must keep Host"
		}
	}
	cookie, err := r.Cookie(tokenCookie)
	if err != nil || len(cookie.Value) < minToken || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(r.PostForm.Get("token"))) != 1 {
		return "the token of the form is not that of this browser: go back, load the page again, and send its form"
	}
	return ""
}
