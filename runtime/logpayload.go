package necro

import (
	"fmt"
	"log/slog"

	"github.com/necrostack/necrogen/internal/redact"
	"github.com/necrostack/necrogen/internal/redact/msgpackjson"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxLogPayload is how many bytes of JSON a line shows of a payload.
const maxLogPayload = 4 << 10

// WithPayloadLog adds the event to each line about a delivery, which no line has otherwise: an
// attribute "payload", a string of JSON of at most 4 KiB, and then cut. Secrets in it become ***:
// the values of fields whose names have a word such as password, token or api_key, or one of the
// names given here, and the passwords of URLs. What else is confidential in your events is then in
// your logs. Names add up where it is given twice. It costs an encoding for each line that is written.
func WithPayloadLog(secrets ...string) Option {
	return func(c *config) error {
		if c.payloadSecrets == nil {
			c.payloadSecrets = redact.Default
		}
		c.payloadSecrets = c.payloadSecrets.With(secrets...)
		return nil
	}
}

// payloadAttr is the attribute that shows a delivery's event. Its value is made at once: a handler
// may keep it for longer than the delivery is there.
func (c *config) payloadAttr(d *contract.Delivery) slog.Attr {
	return slog.String("payload", payloadText(d, c.payloadSecrets))
}

func payloadText(d *contract.Delivery, secrets redact.Names) string {
	b, err := d.Encoded()
	if err != nil {
		return "cannot be shown: " + err.Error()
	}
	text, err := msgpackjson.Masked(b, secrets, maxLogPayload)
	if err != nil {
		return fmt.Sprintf("cannot be shown: %d bytes: %v", len(b), err)
	}
	return text
}
