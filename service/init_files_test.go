package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/necrostack/necrogen/internal/testkit/files"
)

// TestInitServiceFiles: what orchestrators read of a new service is what they require, and they give it the time that its drain may take.
func TestInitServiceFiles(t *testing.T) {
	dir := begunService(t)
	t.Run("kubernetes", func(t *testing.T) { checkKubernetes(t, filepath.Join(dir, "deploy", "kubernetes.yaml")) })
	t.Run("compose", func(t *testing.T) { checkCompose(t, filepath.Join(dir, "compose.yaml")) })
	t.Run("systemd", func(t *testing.T) { checkUnit(t, filepath.Join(dir, "deploy", "shop.service")) })
	t.Run("alerts", func(t *testing.T) { checkAlerts(t, filepath.Join(dir, "deploy", "alerts.yaml")) })
	t.Run("dashboard", func(t *testing.T) { checkDashboard(t, filepath.Join(dir, "deploy", "dashboard.json")) })
	t.Run("image", func(t *testing.T) { checkImage(t, filepath.Join(dir, "Dockerfile")) })
}

// object is a document, or a part of one.
type object map[string]any

// readDocuments reads all documents of a file of YAML. A key that is there twice ends the test.
func readDocuments(t *testing.T, file string) (documents []object) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(files.Read(t, file))))
	for {
		var document object
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		documents = append(documents, document)
	}
}

// at returns what is at a path of keys; of a list it takes the first element. It ends the test where there is nothing.
func (o object) at(t *testing.T, path string) any {
	t.Helper()
	var value any = o
	for key := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		fields, _ := value.(object)
		if value = fields[key]; value == nil {
			t.Fatalf("there is no %q, of %s, in %v", key, path, o)
		}
	}
	return value
}

const container = "spec.template.spec.containers."

// required lists, for each kind, the fields that Kubernetes requires, and those that a service needs.
var required = map[string][]string{
	"apps/v1 Deployment": {
		"spec.selector.matchLabels.app", "spec.template.metadata.labels.app", "spec.template.spec.terminationGracePeriodSeconds",
		container + "name", container + "image", container + "ports.containerPort", container + "env.valueFrom.secretKeyRef.key",
		container + "livenessProbe.httpGet.port", container + "readinessProbe.httpGet.port",
	},
	"v1 Service":                    {"spec.selector.app", "spec.ports.port"},
	"policy/v1 PodDisruptionBudget": {"spec.selector.matchLabels.app", "spec.maxUnavailable"},
	"autoscaling/v2 HorizontalPodAutoscaler": {
		"spec.scaleTargetRef.apiVersion", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name", "spec.maxReplicas", "spec.metrics.type",
		"spec.metrics.external.metric.name", "spec.metrics.external.target.type", "spec.metrics.external.target.averageValue",
	},
}

// checkKubernetes wants each kind once, with its fields, and all of them about the pods of the Deployment.
func checkKubernetes(t *testing.T, file string) {
	kinds := map[string]object{}
	for _, o := range readDocuments(t, file) {
		kind := o.at(t, "apiVersion").(string) + " " + o.at(t, "kind").(string)
		kinds[kind] = o
		if name := o.at(t, "metadata.name"); name != "shop" {
			t.Errorf("%s is named %v", kind, name)
		}
	}
	if len(kinds) != len(required) {
		t.Errorf("there are %d kinds, want %d", len(kinds), len(required))
	}
	for kind, paths := range required {
		for _, path := range paths {
			value := kinds[kind].at(t, path)
			if strings.HasSuffix(path, ".app") && value != "shop" {
				t.Errorf("%s: %s is %v", kind, path, value)
			}
		}
	}
	if lag, organ := kinds["autoscaling/v2 HorizontalPodAutoscaler"].at(t, "spec.metrics.external.metric.name"), "necro_organ_lag"; lag != organ {
		t.Errorf("the autoscaler follows %v", lag)
	}
	checkDeployment(t, kinds["apps/v1 Deployment"])
}

// checkDeployment wants settings that are settings, ports that the probes name, and enough time for the probe and for the drain.
func checkDeployment(t *testing.T, deployment object) {
	environment := map[string]string{}
	for _, variable := range deployment.at(t, container+"env").([]any) {
		value, _ := variable.(object)["value"].(string)
		environment[variable.(object).at(t, "name").(string)] = value
	}
	checkStop(t, environment, time.Duration(deployment.at(t, "spec.template.spec.terminationGracePeriodSeconds").(int))*time.Second)
	probe := deployment.at(t, container+"readinessProbe").(object)
	seen := time.Duration(probe.at(t, "periodSeconds").(int)*probe.at(t, "failureThreshold").(int)+probe.at(t, "timeoutSeconds").(int)) * time.Second
	if delay, _ := time.ParseDuration(environment["NECRO_DRAIN_DELAY"]); delay < seen {
		t.Errorf("the delay is %s, and the probe fails after %s", delay, seen)
	}
	var ports []any
	for _, port := range deployment.at(t, container+"ports").([]any) {
		ports = append(ports, port.(object).at(t, "name"))
	}
	for _, kind := range []string{"livenessProbe", "readinessProbe"} {
		if port := deployment.at(t, container+kind+".httpGet.port"); !slices.Contains(ports, port) {
			t.Errorf("the %s asks the port %v; there are %v", kind, port, ports)
		}
	}
}

// checkStop wants settings that the service reads, and an orchestrator that waits longer than they let the drain take.
func checkStop(t *testing.T, environment map[string]string, patience time.Duration) {
	t.Helper()
	for name := range environment {
		known := slices.ContainsFunc(table, func(row setting) bool { return row.name == name })
		if !known && name != "NECRO_LOG_FORMAT" {
			t.Errorf("%s is no setting", name)
		}
	}
	s, err := readSettings(func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	if most := s.drainDelay + 2*s.grace; patience <= most {
		t.Errorf("it is killed after %s, and may drain for %s", patience, most)
	}
	if environment["NECRO_GRACE"] == "" {
		t.Error("the grace is not said where the patience is")
	}
}

func checkCompose(t *testing.T, file string) {
	compose := readDocuments(t, file)[0]
	environment := map[string]string{}
	for name, value := range compose.at(t, "services.shop.environment").(object) {
		environment[name] = value.(string)
	}
	patience, err := time.ParseDuration(compose.at(t, "services.shop.stop_grace_period").(string))
	if err != nil {
		t.Fatal(err)
	}
	checkStop(t, environment, patience)
	if environment["NECRO_BACKEND_URL"] != "redis://redis:6379/0" {
		t.Errorf("the backend is %s", environment["NECRO_BACKEND_URL"])
	}
	for _, path := range []string{"services.shop.build.context", "services.shop.build.dockerfile", "services.redis.image", "volumes.redis"} {
		compose.at(t, path)
	}
}

// directive is a line of a unit.
var directive = regexp.MustCompile(`^(\w+)=(.+)$`)

func checkUnit(t *testing.T, file string) {
	environment, values := map[string]string{}, map[string]string{}
	var sections []string
	for line := range strings.Lines(files.Read(t, file)) {
		line = strings.TrimSpace(line)
		m := directive.FindStringSubmatch(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			sections = append(sections, line)
		case m == nil:
			t.Errorf("%q is no line of a unit", line)
		case m[1] == "Environment":
			name, value, _ := strings.Cut(m[2], "=")
			environment[name] = value
		default:
			values[m[1]] = m[2]
		}
	}
	if want := []string{"[Unit]", "[Service]", "[Install]"}; !slices.Equal(sections, want) {
		t.Errorf("the sections are %q", sections)
	}
	patience, err := time.ParseDuration(values["TimeoutStopSec"])
	if err != nil {
		t.Fatal(err)
	}
	checkStop(t, environment, patience)
	for name, want := range map[string]string{"ExecStart": "/usr/local/bin/shop", "RestartPreventExitStatus": "2", "StateDirectory": "shop", "WantedBy": "multi-user.target"} {
		if values[name] != want {
			t.Errorf("%s=%s, want %s", name, values[name], want)
		}
	}
}

func checkAlerts(t *testing.T, file string) {
	rules := readDocuments(t, file)[0].at(t, "groups.rules").([]any)
	for _, rule := range rules {
		for _, path := range []string{"alert", "expr", "labels.severity", "annotations.summary"} {
			rule.(object).at(t, path)
		}
	}
	if len(rules) < 5 {
		t.Errorf("there are %d alerts", len(rules))
	}
}

// checkDashboard wants the fields that Grafana draws a panel from, and no two panels at one place.
func checkDashboard(t *testing.T, file string) {
	var dashboard struct {
		Title, UID    string
		SchemaVersion int
		Panels        []struct {
			ID          int
			Title, Type string
			Description string
			GridPos     struct{ H, W, X, Y int }
			Targets     []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(files.Read(t, file)), &dashboard); err != nil {
		t.Fatal(err)
	}
	if dashboard.Title != "shop" || dashboard.UID != "shop" || dashboard.SchemaVersion == 0 || len(dashboard.Panels) < 6 {
		t.Errorf("the dashboard is %+v", dashboard)
	}
	places := map[any]bool{}
	for i, p := range dashboard.Panels {
		if p.ID != i+1 || p.Title == "" || p.Type == "" || p.Description == "" || len(p.Targets) != 1 || p.Targets[0].Expr == "" || p.GridPos.W == 0 {
			t.Errorf("panel %d is %+v", i, p)
		}
		if places[p.GridPos] {
			t.Errorf("panel %q is where another one is", p.Title)
		}
		places[p.GridPos] = true
	}
}

// checkImage wants a program that is the first process, so that it gets the signals.
func checkImage(t *testing.T, file string) {
	text := files.Read(t, file)
	for _, want := range []string{"\nFROM golang:1.26 AS build\n", "\nRUN CGO_ENABLED=0 go build -trimpath -o /shop .\n", "\nENTRYPOINT [\"/shop\"]\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}
