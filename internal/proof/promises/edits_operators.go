package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// operatorEdits break what operators see: log lines, health and necroctl.
var operatorEdits = map[string][]sabotage.Edit{
	"start-probes": {{
		In: "service", Decl: "(*adminPages).ServeHTTP",
		Old: `r.URL.Path == "/livez"`,
		New: `false`,
	}},
	"drain-ready": {{
		In: "service", Decl: "(*parts).drain",
		Old: `p.stopping.Store(true)`,
		New: `p.stopping.Store(false)`,
	}},
	"unsampled-spans": {{
		In: "telemetry/necrotel", Decl: "(*tracing).followsChain",
		Old: `t.sampledBy(headers); known`,
		New: `t.sampledBy(headers); known && sampled`,
	}},
	"ratio-asks": {{
		In: "telemetry/necrotel", Decl: "(*tracing).wantsPublish",
		Old: `t.ratio.chooses(chain)`,
		New: `true`,
	}},
	"secrets-told": {{
		In: "telemetry/logs", Decl: "(*masker).maskAny",
		Old: `m.names.Text(v.Error())`,
		New: `v.Error()`,
	}},
	"spelling-told": {{
		In: "internal/redact", Decl: "Names.inWord",
		Old: `word = strings.TrimRight(word, "0123456789")`,
		New: `return slices.Contains(n, word)`,
	}},
	"login-told": {{
		In: "internal/redact", Decl: "Names.Text",
		Old: `n.maskLogins(maskURLs(s))`,
		New: `maskURLs(s)`,
	}},
	"repeats-forgotten": {{
		In: "telemetry/logs", Decl: "(*Sampler).Handle",
		Old: `repeated > 0`,
		New: `false`,
	}},
	"details-shown": {{
		In: "telemetry/health", Decl: "writeAnswer",
		Old: `!details`,
		New: `false`,
	}},
	"parks-unfound": {{
		In: "runtime/contract", Decl: "(*ParkHealth).parkFindings",
		Old: `h.Parked > 0`,
		New: `false`,
	}},
	"idle-unfound": {{
		In: "runtime/contract", Decl: "(*OrganHealth).organFindings",
		Old: `h.Consumers == 0 {`,
		New: `h.Consumers < 0 {`,
	}},
	"drops-unfound": {{
		In: "runtime/contract", Decl: "(*ParkHealth).parkFindings",
		Old: `f.Severe, f.Problem = true,`,
		New: `f.Severe, f.Problem = false,`,
	}},
	"forgotten-unreported": {{
		In: "telemetry/health", Decl: "(*Report).addForgotten",
		Old: `f != (Forgotten{})`,
		New: `false`,
	}},
	"health-asks-always": {{
		In: "telemetry/health", Decl: "(*look).awaitedAnswer",
		Old: `time.Since(a.at) < l.maxAge`,
		New: `false`,
	}},
	"prove-reads-all-versions": {{
		In: "internal/topology", Decl: "(*Release).judge",
		Old: `_, ok := read[version]; ok`,
		New: `read != nil`,
	}},
	"prove-takes-all-names": {{
		In: "internal/topology", Decl: "(*rollback).proveEvent",
		Old: `case unknown:`,
		New: `case unknown: return; case verdict(99):`,
	}},
	"proof-files-trusted": {{
		In: "internal/topology", Decl: "readJSON",
		Old: `len(content) > maxFile`,
		New: `false`,
	}},
	"bindings-forget-orders": {{
		In: "backends/memory", Decl: "(*Backend).Bindings",
		Old: `Order: q.sub.Order, `,
		New: ``,
	}},
	"unknown-run-hidden": {{
		In: "necroctl", Decl: "(*run).doScheduled",
		Old: `case found:`,
		New: `case found || err == nil:`,
	}},
	"dry-run-differs": {{
		In: "necroctl", Decl: "(*run).removeOrgan",
		Old: `h.Consumers > 0`,
		New: `h.Consumers > 0 && !r.dryRun`,
	}},
	"final-error-doubted": {{
		In: "necroctl", Decl: "(*run).publishEvent",
		Old: `if mayBeStored(err) {`,
		New: `if mayBeStored(err) || err != nil {`,
	}},
	"columns-shift": {{
		In: "necroctl", Decl: "printRows",
		Old: `text == "" && i < len(values)-1`,
		New: `text == "" && i > len(values)`,
	}},
	"pause-anonymous": {{
		In: "necroctl", Decl: "(*run).pauseOrgan",
		Old: `fmt.Sprintf("%s (by %s, %s)", r.reason, operatorName(), time.Now().UTC().Format(time.RFC3339))`,
		New: `r.reason`,
	}},
	"waiting-place-lost": {{
		In: "backends/sqlite", Decl: "placeOf",
		Old: `state == 0 && due > now`,
		New: `false`,
	}},
	"tail-blind": {{
		In: "backends/memory", Decl: "(*queue).pushNew",
		Old: `q.tails != nil`,
		New: `false`,
	}},
	"slip-makes-a-file": {{
		In: "backends/all", Decl: "openSQLite",
		Old: `if c.existing {`,
		New: `if c.existing && rest == "" {`,
	}},
	"console-opens-outside": {{
		In: "console", Decl: "Serve",
		Old: `!c.authenticator.isSet() && !isLoopback(l.Addr())`,
		New: `false`,
	}},
	"console-rebound": {{
		In: "console", Decl: "isLocalHost",
		Old: `err == nil && addr.IsLoopback()`,
		New: `err != nil || addr.IsLoopback()`,
	}},
	"console-forged": {{
		In: "console", Decl: "whyForged",
		Old: `site != "" && site != "same-origin"`,
		New: `false`,
	}},
	"console-hostile": {{
		In: "console", Decl: "linesOf",
		Old: `redact.Default.Text(text)`,
		New: `text`,
	}},
	"console-rebound-header": {{
		In: "console", Decl: "(*console).servesHost",
		Old: `!c.authenticator.trustsLocal || isLocalHost(name)`,
		New: `true`,
	}},
	"console-passwords-queue": {{
		In: "console", Decl: "(*users).identify",
		Old: `defer func() { <-u.queue }()
	default:
		return "", false`,
		New: `defer func() { <-u.queue }()
	default:`,
	}},
	"console-other-causes": {{
		In: "console", Decl: "(*console).redriveAll",
		Old: `f.chosen.matchesLetter(l)`,
		New: `true`,
	}},
	"console-asks-each-time": {{
		In: "console", Decl: "(*answers).findAnswerLocked",
		Old: `a != nil`,
		New: `a != nil && false`,
	}},
	"event-slip-chooses-nothing": {{
		In: "necroctl", Decl: "(*run).wantEvent",
		Old: `name == "" || seen[name]`,
		New: `true`,
	}},
}
