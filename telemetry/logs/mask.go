package logs

import (
	"context"
	"log/slog"

	"github.com/necrostack/necrogen/internal/redact"
)

// Mask returns a handler that hands lines on to another one with secrets replaced by ***:
//
//   - values of attributes, of groups and of fields of structs whose names have a word such as
//     password, secret, token, api_key, private_key, credential, cookie, authorization, bearer, pin,
//     otp or ssn, in any spelling (accessToken, clientsecret, API-Key, db.passwords), or one of the
//     names given here
//   - the user name and password of URLs in texts (redis://user:***@host), and the password of
//     addresses without a scheme (user:***@tcp(host)/db)
//   - the value behind such a name in texts: ?password=…, "token":"…", Authorization: …, --password …,
//     and a token behind the word Bearer or Basic
//
// Texts are messages, strings, errors, and the results of a value's String or MarshalText. Structs, maps
// and slices are masked as JSON shows them. A text of more than 64 KiB is cut. A secret that stands
// in a text with nothing to tell it by stays there.
func Mask(next slog.Handler, names ...string) slog.Handler {
	return &masker{next: next, names: redact.Default.With(names...)}
}

type masker struct {
	next  slog.Handler
	names redact.Names
	all   bool // a group with the name of a secret is open
}

func (m *masker) Enabled(ctx context.Context, level slog.Level) bool {
	return m.next.Enabled(ctx, level)
}

func (m *masker) Handle(ctx context.Context, r slog.Record) error {
	masked := slog.NewRecord(r.Time, r.Level, m.names.Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(m.maskAttr(a))
		return true
	})
	return m.next.Handle(ctx, masked)
}

func (m *masker) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return m
	}
	return &masker{m.next.WithAttrs(m.maskAttrs(attrs)), m.names, m.all}
}

func (m *masker) WithGroup(name string) slog.Handler {
	if name == "" {
		return m
	}
	return &masker{m.next.WithGroup(name), m.names, m.all || m.names.Has(name)}
}

func (m *masker) maskAttrs(attrs []slog.Attr) []slog.Attr {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = m.maskAttr(a)
	}
	return masked
}

// maskAttr masks an attribute. An empty one stays as it is, because handlers leave it out.
func (m *masker) maskAttr(a slog.Attr) slog.Attr {
	if a.Equal(slog.Attr{}) {
		return a
	}
	if m.all || m.names.Has(a.Key) {
		return slog.String(a.Key, redact.Mask)
	}
	return slog.Attr{Key: a.Key, Value: m.maskValue(a.Value)}
}
