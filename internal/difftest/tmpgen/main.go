package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/internal/load"
	"github.com/necrostack/necrogen/templates"
)

func main() {
	top, diags, err := load.Load(context.Background(), ".", os.Args[1:])
	for _, d := range diags {
		fmt.Println(d.Pos, d.Message)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, p := range top.Packages {
		b, err := templates.Emit(p)
		if err != nil {
			fmt.Println(p.Path, err)
			os.Exit(1)
		}
		name := "necro_gen.go"
		if p.Test {
			name = "necro_gen_test.go"
		}
		os.WriteFile(filepath.Join(p.Dir, name), b, 0o644)
	}
}
