package sqlstore

import (
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// CheckStored refuses a message that the database does not take, by its payload's size in bytes.
type CheckStored func(m *contract.Message, size int) error

// PreparePublish refuses messages that could never be stored, and more than limit of them. It returns them with their payloads.
func PreparePublish(msgs []contract.Message, limit int64, check CheckStored) ([]contract.Message, error) {
	if int64(len(msgs)) > limit {
		return nil, fmt.Errorf("publish %d events, limit %d: %w", len(msgs), limit, contract.ErrBatchTooLarge)
	}
	for i := range msgs {
		if err := msgs[i].Check(); err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
	}
	msgs, err := EncodeAll(msgs, check)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return msgs, nil
}

// EncodeAll returns messages with their payloads, and refuses one that check does. It does not change the caller's slice.
func EncodeAll(msgs []contract.Message, check CheckStored) ([]contract.Message, error) {
	encoded, copied := msgs, false
	for i := range msgs {
		payload, err := msgs[i].Encoded()
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", msgs[i].Type.Name, err)
		}
		if err := check(&msgs[i], len(payload)); err != nil {
			return nil, err
		}
		if msgs[i].Payload == nil {
			if !copied {
				encoded, copied = slices.Clone(msgs), true
			}
			encoded[i].Payload = payload
		}
	}
	return encoded, nil
}
