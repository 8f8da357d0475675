package necroctl

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// finding is a row of doctor.
type finding struct {
	Severe  bool   `json:"severe"`
	Subject string `json:"subject"`
	Problem string `json:"problem"`
	Mend    string `json:"mend"`
}

// findAll returns what the backend finds, and the schedules that no process keeps. Behind what is severe come the others.
func (r *run) findAll() ([]contract.Finding, error) {
	found, err := r.findInBackend()
	if err != nil {
		return nil, err
	}
	return append(found, r.findSchedules()...), nil
}

// findInBackend returns what the backend finds or, where it is no Inspector, what its health shows.
func (r *run) findInBackend() ([]contract.Finding, error) {
	if b, ok := r.backend.(contract.Inspector); ok {
		return b.Diagnose(r.ctx)
	}
	h := r.backend.Health(r.ctx)
	return h.Findings(), h.Err
}

func (r *run) diagnoseBackend([]string) int {
	found, err := r.findAll()
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
		fmt.Fprintf(r.out, "%-8s %s: %s\n         %s\n", grade, oneLine(f.Subject), oneLine(f.Problem), oneLine(f.Mend))
	}
	if len(list) == 0 {
		fmt.Fprintln(r.out, "nothing is wrong")
	}
	return code
}
