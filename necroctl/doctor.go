package necroctl

import (
	"fmt"

	"github.com/necrostack/necrogen/internal/operate"
)

// finding is a row of doctor.
type finding struct {
	Severe  bool   `json:"severe"`
	Subject string `json:"subject"`
	Problem string `json:"problem"`
	Mend    string `json:"mend"`
}

func (r *run) diagnoseBackend([]string) int {
	found, err := operate.FindAll(r.ctx, r.backend)
	if err != nil {
		return r.tellFailure(err)
	}
	list := []finding{}
	code := ExitDone
	for _, f := range found {
		list = append(list, finding(f))
		if f.Severe {
			code = ExitWrong
		}
	}
	if r.output == "json" {
		return max(code, r.printJSON(list))
	}
	for _, f := range list {
		grade := "warning"
		if f.Severe {
			grade = "ERROR"
		}
		fmt.Fprintf(r.out, "%-8s %s: %s\n         %s\n", grade, operate.OneLine(f.Subject), operate.OneLine(f.Problem), operate.OneLine(f.Mend))
	}
	if len(list) == 0 {
		fmt.Fprintln(r.out, "nothing is wrong")
	}
	return code
}
