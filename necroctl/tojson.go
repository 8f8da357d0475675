package necroctl

import "github.com/necrostack/necrogen/internal/redact/msgpackjson"

// ToJSON turns one MessagePack value into JSON, with its fields in their order. What JSON has no
// form for becomes an object: {"$bytes": base64}, and {"$ext": type, "$bytes": base64} for an
// extension other than a time. A float that is no number becomes a string.
func ToJSON(b []byte) ([]byte, error) { return msgpackjson.Encode(b) }
