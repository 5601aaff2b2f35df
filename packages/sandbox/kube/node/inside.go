package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// runInside is the first process of the namespaces. When it ends, the kernel
// ends every other process in them.
func runInside(p plan) {
	if os.Getpid() != 1 {
		fail(2, "inside is started by run, as the first process of its namespaces")
	}
	syscall.Sethostname([]byte(p.Hostname))
	// The lock and the ports are this process' alone: what it starts must not hold them.
	syscall.CloseOnExec(3 + len(p.Forwards))
	reaper := startReaper()
	for _, command := range p.Setup {
		if code := reaper.run(command, os.Stderr); code != 0 {
			fail(1, "setting up failed (%d): %s", code, strings.Join(command, " "))
		}
	}
	for i, listener := range listeners(p.Forwards) {
		go p.Forwards[i].serve(listener)
	}
	node := &node{plan: p, reaper: reaper, states: make([]state, len(p.Processes))}
	for i := range p.Processes {
		node.states[i].Name = p.Processes[i].Name
		go node.keep(i)
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	node.stop()
}

// state is one row of the table that `status` shows.
type state struct {
	Name     string `json:"name"`
	Pid      int    `json:"pid"`
	Restarts int    `json:"restarts"`
	LastExit string `json:"lastExit,omitempty"`
}

type node struct {
	plan     plan
	reaper   *reaper
	mutex    sync.Mutex
	states   []state
	stopping bool
}

// keep starts a program again whenever it ends, at once at first, then with
// growing pauses, so that a broken one does not take the machine.
func (n *node) keep(index int) {
	program := n.plan.Processes[index]
	log := openLog(filepath.Join(n.plan.Logs, program.Name+".log"))
	pause := 200 * time.Millisecond
	for {
		for _, wait := range program.Wait {
			wait.until(n.reaper)
		}
		for _, path := range program.Remove {
			os.Remove(path)
		}
		began := time.Now()
		pid, ended, err := n.start(program, log)
		if err != nil {
			n.note(index, func(s *state) { s.LastExit = err.Error() })
		} else {
			n.note(index, func(s *state) { s.Pid = pid })
			status := <-ended
			n.note(index, func(s *state) { s.Pid, s.LastExit = 0, words(status) })
		}
		if time.Since(began) > time.Minute {
			pause = 200 * time.Millisecond
		}
		time.Sleep(pause)
		pause = min(2*pause, 10*time.Second)
		n.note(index, func(s *state) { s.Restarts++ })
	}
}

func (n *node) start(program program, log *os.File) (int, <-chan syscall.WaitStatus, error) {
	n.mutex.Lock()
	stopping := n.stopping
	n.mutex.Unlock()
	if stopping {
		select {}
	}
	return n.reaper.start(program.Command, program.Env, log)
}

func (n *node) note(index int, change func(*state)) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	change(&n.states[index])
	text, _ := json.Marshal(n.states)
	if err := os.WriteFile(n.plan.Table+".new", text, 0o600); err == nil {
		os.Rename(n.plan.Table+".new", n.plan.Table)
	}
}

// stop asks everything to end, pods too, the database after all others.
func (n *node) stop() {
	n.mutex.Lock()
	n.stopping = true
	last := map[int]bool{}
	for i, program := range n.plan.Processes {
		last[n.states[i].Pid] = program.Last
	}
	n.mutex.Unlock()
	signalAll(func(pid int) bool { return !last[pid] })
	waitUntil(6*time.Second, func() bool { return len(others(func(pid int) bool { return !last[pid] })) == 0 })
	signalAll(func(int) bool { return true })
	waitUntil(3*time.Second, func() bool { return len(others(func(int) bool { return true })) == 0 })
	os.Exit(0)
}

func signalAll(wanted func(int) bool) {
	for _, pid := range others(wanted) {
		syscall.Kill(pid, syscall.SIGTERM)
	}
}

func waitUntil(limit time.Duration, done func() bool) {
	for end := time.Now().Add(limit); time.Now().Before(end) && !done(); {
		time.Sleep(50 * time.Millisecond)
	}
}
