package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestSchemaOfAnAdministrator: a user with the rights that the printed statements name, and none to create, works in the schema that
// these make. Running them again changes nothing.
func TestSchemaOfAnAdministrator(t *testing.T) {
	t.Parallel()
	server := sharedServer(t)
	statements, err := postgres.Schema("administered")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.RunScript(statements); err != nil {
		t.Fatal(err)
	}
	_, rights, _ := strings.Cut(statements, "-- The user of the programs needs:\n")
	rights = strings.ReplaceAll(strings.ReplaceAll(rights, "-- ", ""), "TO ...", "TO tenant")
	query(t, server, `CREATE ROLE tenant LOGIN PASSWORD 'tenant';`+rights)
	address := strings.Replace(server.URL(), postgrestest.User+":"+postgrestest.Password, "tenant:tenant", 1)
	if _, err := postgres.Open(t.Context(), address, postgres.WithNamespace("unmade"), postgres.WithLogger(nil)); err == nil || !strings.Contains(err.Error(), "lacks a right") {
		t.Fatalf("open a schema that is missing: error %v, want one for want of a right", err)
	}
	b, err := postgres.Open(t.Context(), address, postgres.WithNamespace("administered"), postgres.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c := subscribe(t, b, lanedOrgan(4))
	m := keyedMessage("key", "one")
	m.Unique, m.Once = time.Hour, true
	if _, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := server.RunScript(statements); err == nil {
		t.Error("a schema is made that is there")
	}
	if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: fetchOne(t, c)}}); err != nil {
		t.Fatal(err)
	}
}
