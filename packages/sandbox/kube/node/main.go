// Command homeslice-node is the thin hand of the sandbox: it opens the ports on
// the machine, enters namespaces of its own, prepares them, and keeps the
// cluster's programs running. What to open, prepare and run is decided
// elsewhere and comes in as a plan, one JSON file.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// plan is what `homeslice-node run` does. Paths are absolute.
type plan struct {
	Hostname  string     `json:"hostname"`
	Lock      string     `json:"lock"`
	Record    string     `json:"record"`
	Table     string     `json:"table"`
	Forwards  []forward  `json:"forwards"`
	Setup     [][]string `json:"setup"`
	Outside   *program   `json:"outside"`
	Processes []program  `json:"processes"`
	// Logs is a folder as seen from inside, OutsideLog a file as seen from the machine.
	Logs       string `json:"logs"`
	OutsideLog string `json:"outsideLog"`
}

// program is kept running until the node stops.
type program struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Env     []string `json:"env"`
	// Remove names files left by an earlier run that would be taken for live ones.
	Remove []string `json:"remove"`
	// Wait holds probes that must succeed before the first start and each restart.
	Wait []probe `json:"wait"`
	// Last keeps the program alive until all others have stopped.
	Last bool `json:"last"`
}

func main() {
	if len(os.Args) != 3 {
		fail(2, "usage: homeslice-node run|inside|pki FILE")
	}
	switch os.Args[1] {
	case "run":
		runOutside(readPlan(os.Args[2]), os.Args[2])
	case "inside":
		runInside(readPlan(os.Args[2]))
	case "pki":
		if err := makeCertificates(os.Args[2]); err != nil {
			fail(1, "certificates: %v", err)
		}
	default:
		fail(2, "unknown verb %q: run, inside or pki", os.Args[1])
	}
}

func readPlan(path string) plan {
	var p plan
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		fail(2, "the plan %s: %v", path, err)
	}
	return p
}

func fail(code int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "homeslice-node: "+format+"\n", args...)
	os.Exit(code)
}
