package difftest

import (
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	necro "github.com/necrostack/necrogen/runtime"
)

func TestValidate(t *testing.T) {
	v := compare.Validator()
	compared, violations := 0, 0
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		for range *rounds {
			n, err := compare.Verdict(v, r.Fresh(e))
			if err != nil {
				t.Fatal(err)
			}
			violations += n
			compared++
		}
	})
	t.Logf("%d values with %d violations compared", compared, violations)
}

// TestDoors: what Publish takes is no dead letter of readers.
func TestDoors(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		for range *rounds {
			if err := compare.Doors(r.Fresh(e)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
