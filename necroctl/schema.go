package necroctl

import (
	"errors"
	"flag"
	"fmt"
)

// SchemaWriter returns the statements that make what an engine stores in, for an administrator who runs them in place of the
// programs. An empty namespace is the engine's default.
type SchemaWriter func(engine, namespace string) (statements string, err error)

func schemaFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.namespace, "namespace", "", "the `name` that the programs give to postgres.WithNamespace (default necro)")
}

// printSchema prints the statements that make the schema of an engine.
func (r *run) printSchema(words []string) int {
	if r.schemaWriter == nil {
		return r.tellFailure(errors.New("this command knows no schema: set Schema of necroctl.Command"))
	}
	statements, err := r.schemaWriter(words[0], r.namespace)
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprint(r.out, statements)
	return ExitDone
}
