package necroprom_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/necrostack/necrogen/telemetry/necroprom"
)

var (
	metricName = regexp.MustCompile(`\bnecro_[a-z_]+`)
	described  = regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([^}]*)\}`)
	grouping   = regexp.MustCompile(`\bby \(([^)]*)\)`)
	matching   = regexp.MustCompile(`\{(\w+)=`)
	seriesOf   = regexp.MustCompile(`label_values\(\w+, (\w+)\)`)
)

// known returns the names of all series, with those that a histogram has, and all labels.
func known(t *testing.T) (names, labels []string) {
	t.Helper()
	descs := make(chan *prometheus.Desc)
	go func() {
		necroprom.NewMetrics().Describe(descs)
		close(descs)
	}()
	for d := range descs {
		m := described.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s is not as expected", d)
		}
		names = append(names, m[1])
		labels = append(labels, strings.Split(m[2], ",")...)
		if strings.Contains(m[1], "duration") {
			names = append(names, m[1]+"_bucket", m[1]+"_sum", m[1]+"_count")
		}
	}
	return names, append(labels, "le")
}

// uses returns the series and labels of queries.
func uses(text string) (names, labels []string) {
	names = metricName.FindAllString(text, -1)
	for _, m := range grouping.FindAllStringSubmatch(text, -1) {
		labels = append(labels, strings.Split(m[1], ", ")...)
	}
	for _, pattern := range []*regexp.Regexp{matching, seriesOf} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			labels = append(labels, m[1])
		}
	}
	return names, labels
}

// TestDashboardAndAlertsUseWhatThereIs wants every series and every label that they name, and
// that every series of ours is on the dashboard.
func TestDashboardAndAlertsUseWhatThereIs(t *testing.T) {
	names, labels := known(t)
	for _, file := range []string{"dashboard.json", "alerts.yml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		usedNames, usedLabels := uses(string(text))
		if len(usedNames) < 10 || len(usedLabels) < 10 {
			t.Errorf("%s uses %d series and %d labels: is it read well?", file, len(usedNames), len(usedLabels))
		}
		for _, name := range usedNames {
			if !slices.Contains(names, name) {
				t.Errorf("%s uses %s, which there is not", file, name)
			}
		}
		for _, label := range usedLabels {
			if !slices.Contains(labels, label) {
				t.Errorf("%s uses the label %q, which there is not", file, label)
			}
		}
	}
}

// TestNewServicesUseWhatThereIs wants every series and every label that the files of necrogen init -service name.
func TestNewServicesUseWhatThereIs(t *testing.T) {
	names, labels := known(t)
	for file, least := range map[string]int{"dashboard.json": 8, "alerts.yaml": 5, "kubernetes.yaml": 2} {
		text, err := os.ReadFile("../../internal/gen/scaffold/service/deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		usedNames, usedLabels := uses(string(text))
		if len(usedNames) < least {
			t.Errorf("%s uses %d series: is it read well?", file, len(usedNames))
		}
		for _, name := range usedNames {
			if !slices.Contains(names, name) {
				t.Errorf("%s uses %s, which there is not", file, name)
			}
		}
		for _, label := range usedLabels {
			if !slices.Contains(labels, label) {
				t.Errorf("%s uses the label %q, which there is not", file, label)
			}
		}
	}
}

func TestTheDashboardShowsEveryMetric(t *testing.T) {
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Fatal("dashboard.json is no JSON")
	}
	shown, _ := uses(string(text))
	names, _ := known(t)
	for _, name := range names {
		if part := strings.HasSuffix(name, "_sum") || strings.HasSuffix(name, "_count") || strings.HasSuffix(name, "_duration_seconds"); !part && !slices.Contains(shown, name) {
			t.Errorf("dashboard.json does not show %s", name)
		}
	}
}

// TestMetricsAreListed wants every metric in the table of docs/observability.md, and no other.
func TestMetricsAreListed(t *testing.T) {
	text, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	names, _ := known(t)
	listed := regexp.MustCompile("(?m)^\\| `(necro_\\w+)`").FindAllStringSubmatch(string(text), -1)
	for _, name := range names {
		if strings.Contains(name, "duration_seconds_") {
			continue
		}
		if !slices.ContainsFunc(listed, func(m []string) bool { return m[1] == name }) {
			t.Errorf("%s is missing in docs/observability.md", name)
		}
	}
	for _, m := range listed {
		if !slices.Contains(names, m[1]) {
			t.Errorf("docs/observability.md lists %s, which there is not", m[1])
		}
	}
}
