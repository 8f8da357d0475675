package fromwatermill

import (
	"encoding/json"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/necrostack/necrogen/bench/migrating/tonecro"
	necro "github.com/necrostack/necrogen/runtime"
)

// Bridge takes what still comes over the old topic. A message that comes again within ten
// minutes is stored once.
func Bridge(spine *necro.Spine) message.NoPublishHandlerFunc {
	return func(m *message.Message) error {
		var o OrderPlaced
		if err := json.Unmarshal(m.Payload, &o); err != nil {
			return err
		}
		order := &tonecro.OrderPlaced{OrderID: o.OrderID, Cents: o.Cents}
		return spine.Publish(m.Context(), order, necro.WithID(necro.IDOf(m.UUID)))
	}
}
