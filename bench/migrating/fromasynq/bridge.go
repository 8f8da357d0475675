package fromasynq

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hibiken/asynq"

	"github.com/necrostack/necrogen/bench/migrating/tonecro"
	necro "github.com/necrostack/necrogen/runtime"
)

// Bridge takes the tasks that still come over the old queue. A task that comes again within ten
// minutes is stored once.
func Bridge(spine *necro.Spine) asynq.HandlerFunc {
	return func(ctx context.Context, t *asynq.Task) error {
		var o OrderPlaced
		if err := json.Unmarshal(t.Payload(), &o); err != nil {
			return err
		}
		id, ok := asynq.GetTaskID(ctx)
		if !ok {
			return errors.New("not called by a server of asynq")
		}
		order := &tonecro.OrderPlaced{OrderID: o.OrderID, Cents: o.Cents}
		return spine.Publish(ctx, order, necro.WithID(necro.IDOf(id)))
	}
}
