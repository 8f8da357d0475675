package sqlstore

import (
	"fmt"
	"math"

	"github.com/necrostack/necrogen/runtime/contract"
)

// ScheduleCursor names the place of an event in the schedule, by its due time and its number.
func ScheduleCursor(due, number int64) string { return fmt.Sprintf("%d/%d", due, number) }

// ReadScheduleCursor is the reverse of ScheduleCursor. An empty cursor is a place in front of all events.
func ReadScheduleCursor(after string) (due, number int64, err error) {
	if after == "" {
		return math.MinInt64, math.MinInt64, nil
	}
	if _, err := fmt.Sscanf(after, "%d/%d", &due, &number); err != nil || after != ScheduleCursor(due, number) {
		return 0, 0, contract.Permanent(fmt.Errorf("list the schedule: %.40q is no cursor of this backend: begin at the first page", after))
	}
	return due, number, nil
}
