package environ

import (
	"slices"
	"testing"
)

func TestCheck(t *testing.T) {
	for assignment, want := range map[string]string{
		"NECRO_REDIS_URL=redis://localhost":   "",
		"NECRO_REDIS_CACHE_RETRY=8":           "", // may be an organ redis.Cache
		"NECRO_SHOP=1":                        "", // of another family
		"PATH=/":                              "",
		"NECRO_REDIS_NAMESPCE=shop":           "the environment has NECRO_REDIS_NAMESPCE, which is no setting; did you mean NECRO_REDIS_NAMESPACE?",
		"NECRO_REDIS_SECRETPHRASE=hush=tiger": "the environment has NECRO_REDIS_SECRETPHRASE, which is no setting",
	} {
		got := ""
		if err := Check([]string{assignment}, "NECRO_REDIS_"); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", assignment, got, want)
		}
	}
}

func TestNamesAreSorted(t *testing.T) {
	if !slices.IsSorted(Names()) {
		t.Errorf("%v", Names())
	}
}
