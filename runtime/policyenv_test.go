package necro

import (
	"bytes"
	"cmp"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/internal/policykey"
	"github.com/necrostack/necrogen/runtime/contract"
)

type fromEnv struct{ name string }

func (o fromEnv) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: o.name, Path: "example.com/shop"}
}

// spineOf returns a spine of organs that handle nothing, and WithPolicy for the first.
func spineOf(names ...string) (*Spine, error) {
	organs := make([]Organ, len(names))
	for i, name := range names {
		organs[i] = fromEnv{name}
	}
	return New(nowhere{}, WithOrgans(organs...), WithPolicy(names[0], Retry(3), Timeout(time.Second), Exclusive(true)), PolicyFromEnv())
}

// nowhere is a backend that is not used.
type nowhere struct{ Backend }

func TestPolicyFromEnv(t *testing.T) {
	for name, value := range map[string]string{
		"RETRY": "8", "BACKOFF": "1s..2m", "TIMEOUT": "none", "CONCURRENCY": "7", "BREAKER": "5/30s", "ONFAIL": "halt",
		"MAXHOPS": "9", "ORDER": "key", "EXCLUSIVE": "false", "PACK": "16",
	} {
		t.Setenv("NECRO_SHOP_BILLING_"+name, value)
	}
	t.Setenv("NECRO_SHOP_BILLING_EU_RETRY", "2")
	for _, name := range environ.Names() { // which others read
		t.Setenv(name, "redis://localhost")
	}
	s, err := spineOf("shop.Billing", "shop.Billing-eu")
	if err != nil {
		t.Fatal(err)
	}
	want := contract.Policy{
		Retry: 8, BackoffMin: time.Second, BackoffMax: 2 * time.Minute, Concurrency: 7, BreakerCount: 5, BreakerPause: 30 * time.Second,
		OnFail: Halt, MaxHops: 9, Order: OrderKey, Pack: 16,
	}
	if got := s.organNamed("shop.Billing").Policy; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := s.organNamed("shop.Billing-eu").Policy.Retry; got != 2 {
		t.Errorf("%d attempts of the other organ, want 2", got)
	}
}

// TestEveryPolicyKeyHasItsFields: the table of keys and the fields of Policy agree in both directions, by name and by type.
func TestEveryPolicyKeyHasItsFields(t *testing.T) {
	keyOf := map[string]string{} // by field
	for i := range policykey.Table {
		row := &policykey.Table[i]
		_, example, _ := strings.Cut(row.Form, "=")
		v, err := row.Parse(cmp.Or(example, "true"))
		if err != nil {
			t.Fatal(err)
		}
		var p contract.Policy
		setPolicyKey(&p, row, v)
		if over := overridePolicy(contract.Policy{}, p); over != p || over == (contract.Policy{}) {
			t.Errorf("%s: %+v over nothing is %+v", row.Name, p, over)
		}
		if back := policyValue(p, row); back != v || row.Format(back) != row.Form {
			t.Errorf("%s is read back as %+v and written as %s", row.Form, back, row.Format(back))
		}
		for n, name := range row.Fields {
			if keyOf[name] != "" {
				t.Errorf("%s is a field of %s and of %s", name, keyOf[name], row.Name)
			}
			keyOf[name] = row.Name
			if got := reflect.ValueOf(p).FieldByName(name); !got.Equal(reflect.ValueOf(row.Parts(v)[n]).Convert(got.Type())) {
				t.Errorf("%s: %s is %v, want %v", row.Form, name, got, row.Parts(v)[n])
			}
		}
	}
	for i := range reflect.TypeFor[contract.Policy]().NumField() {
		if name := reflect.TypeFor[contract.Policy]().Field(i).Name; keyOf[name] == "" {
			t.Errorf("the field %s has no key", name)
		}
	}
}

func TestPolicyFromEnvIsWrong(t *testing.T) {
	for assignment, want := range map[string]string{
		"NECRO_SHOP_BILLING_RETRY=0":          "NECRO_SHOP_BILLING_RETRY=0: need a number, as in 5",
		"NECRO_SHOP_BILLING_RETRY=eight":      "need a number",
		"NECRO_SHOP_BILLING_BACKOFF=2s":       "need two durations, as in 100ms..30s",
		"NECRO_SHOP_BILLING_BACKOFF=2s..1s":   "need two durations",
		"NECRO_SHOP_BILLING_TIMEOUT=-1s":      "need a duration, as in 2s, or none",
		"NECRO_SHOP_BILLING_BREAKER=5":        "need a number and a duration, as in 5/30s, or none",
		"NECRO_SHOP_BILLING_ONFAIL=DEAD":      "need dead, drop or halt",
		"NECRO_SHOP_BILLING_ORDER=none":       "need key or strict",
		"NECRO_SHOP_BILLING_EXCLUSIVE=1":      "need true or false",
		"NECRO_SHOP_BILLING_RETRYS=8":         "NECRO_SHOP_BILLING_RETRYS has no key of a policy; did you mean NECRO_SHOP_BILLING_RETRY?",
		"NECRO_SHOP_BILLING_WEIGHT=8":         "NECRO_SHOP_BILLING_WEIGHT has no key of a policy: variables of this organ begin with NECRO_SHOP_BILLING_ and end with RETRY, BACKOFF,",
		"NECRO_REDIS_ULR=redis://localhost":   "NECRO_REDIS_ULR is about no organ of this spine; did you mean NECRO_REDIS_URL?",
		"NECRO_SHOP_BILLING_CONCURRENCY=8=10": "NECRO_SHOP_BILLING_CONCURRENCY=8=10: need",
	} {
		t.Run(assignment, func(t *testing.T) {
			name, value, _ := strings.Cut(assignment, "=")
			t.Setenv(name, value)
			if _, err := spineOf("shop.Billing"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	if _, err := spineOf("shop.Billing", "shop-billing"); err == nil || !strings.Contains(err.Error(), "same variables, NECRO_SHOP_BILLING_…") {
		t.Errorf("two organs with the same variables: %v", err)
	}
}

// TestPolicyFromEnvIsShared gives a process the variables of others: they are no error, and one that
// may be a slip is a warning.
func TestPolicyFromEnvIsShared(t *testing.T) {
	for assignment, want := range map[string]string{
		"NECRO_SHOP_MAIL_RETRY=8":       "",
		"NECRO_SHOP_MAIL_RETRY=eight":   "",
		"NECRO_SHOP_BILLING_EU_RETRY=2": "",
		"NECRO_SHOP_BILING_RETRY=8":     "NECRO_SHOP_BILING_RETRY is about no organ of this process; did you mean NECRO_SHOP_BILLING_RETRY?",
		"NECRO_LEVEL_OF_DETAIL=3":       "NECRO_LEVEL_OF_DETAIL is about no organ of this process",
	} {
		t.Run(assignment, func(t *testing.T) {
			name, value, _ := strings.Cut(assignment, "=")
			t.Setenv(name, value)
			var out bytes.Buffer
			log := slog.New(slog.NewTextHandler(&out, nil))
			if _, err := New(nowhere{}, WithOrgans(fromEnv{"shop.Billing"}), WithLogger(log), PolicyFromEnv()); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("the log says %q, want %q", got, want)
			}
			if _, err := New(nowhere{}, WithLogger(nil), PolicyFromEnv()); err != nil {
				t.Errorf("a spine without organs: %v", err)
			}
		})
	}
}

// TestPolicyFromEnvKnowsTheProgram: variables of organs that other processes of the program run are read, and refused like those of
// one's own; a policy of an organ that the program does not have is an error.
func TestPolicyFromEnvKnowsTheProgram(t *testing.T) {
	for assignment, want := range map[string]string{
		"NECRO_SHOP_MAIL_RETRY=8":       "",
		"NECRO_SHOP_MAIL_RETRY=eight":   "NECRO_SHOP_MAIL_RETRY=eight: need a number",
		"NECRO_SHOP_MAIL_RETRYS=8":      "NECRO_SHOP_MAIL_RETRYS has no key of a policy; did you mean NECRO_SHOP_MAIL_RETRY?",
		"NECRO_SHOP_BILING_RETRY=8":     "NECRO_SHOP_BILING_RETRY is about no organ of this program; did you mean NECRO_SHOP_BILLING_RETRY?",
		"NECRO_CATALOG_IMPORT_RETRY=8":  "NECRO_CATALOG_IMPORT_RETRY is about no organ of this program",
		"NECRO_LEVEL_OF_DETAIL=3":       "",
		"NECRO_SHOP_BILLING_EU_RETRY=2": "is about no organ of this program",
	} {
		t.Run(assignment, func(t *testing.T) {
			name, value, _ := strings.Cut(assignment, "=")
			t.Setenv(name, value)
			s, err := New(nowhere{}, WithOrgans(fromEnv{"shop.Billing"}), WithLogger(nil), PolicyFromEnv(fromEnv{"shop.Mail"}, fromEnv{"shop.Billing"}))
			if want == "" && (err != nil || len(s.organs) != 1) {
				t.Errorf("%v", err)
			}
			if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	if _, err := New(nowhere{}, PolicyFromEnv(nil)); err == nil || !strings.Contains(err.Error(), "organ 1 is nil") {
		t.Errorf("nil: %v", err)
	}
}
