// Command calico is the CNI plugin when it is called "calico" and Felix, the
// engine that enforces network policy, when called "calico-felix".
package main

import (
	"os"
	"path/filepath"

	"github.com/projectcalico/calico/cni-plugin/pkg/plugin"
	"github.com/projectcalico/calico/felix/daemon"
)

const version = "v3.28"

func main() {
	if filepath.Base(os.Args[0]) == "calico" {
		plugin.Main(version)
		return
	}
	daemon.Run("/etc/calico/felix.cfg", version, "", "")
}
