package main

import (
	"cmp"
	"fmt"

	"github.com/necrostack/necrogen/backends/postgres"
)

// writeSchema returns the statements of the engines that have a schema.
func writeSchema(engine, namespace string) (string, error) {
	if engine != "postgres" {
		return "", fmt.Errorf("the engine %.40q has no schema that others make: need postgres", engine)
	}
	return postgres.Schema(cmp.Or(namespace, postgres.DefaultNamespace))
}
