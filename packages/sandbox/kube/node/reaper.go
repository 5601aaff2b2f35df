package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// reaper starts processes and collects every one that ends, also orphans that
// the kernel hands to the first process. One place waits for all of them:
// waiting for one child elsewhere would race with it.
type reaper struct {
	mutex   sync.Mutex
	waiting map[int]chan syscall.WaitStatus
}

func startReaper() *reaper {
	r := &reaper{waiting: map[int]chan syscall.WaitStatus{}}
	go r.collect()
	return r
}

func (r *reaper) collect() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		r.mutex.Lock()
		if ended, known := r.waiting[pid]; known {
			ended <- status
			delete(r.waiting, pid)
		}
		r.mutex.Unlock()
	}
}

func (r *reaper) start(command, env []string, output *os.File) (int, <-chan syscall.WaitStatus, error) {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return 0, nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, nil, err
	}
	defer null.Close()
	attributes := &syscall.ProcAttr{
		Dir:   "/",
		Env:   environment(env),
		Files: []uintptr{null.Fd(), output.Fd(), output.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	// The lock is held across the fork, so a child that ends at once is not
	// collected before it is known.
	r.mutex.Lock()
	defer r.mutex.Unlock()
	pid, err := syscall.ForkExec(path, command, attributes)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", command[0], err)
	}
	ended := make(chan syscall.WaitStatus, 1)
	r.waiting[pid] = ended
	return pid, ended, nil
}

// environment is the same on every machine: what the user has set, such as a
// proxy, is not for the cluster's programs. The first setting of a name counts.
func environment(env []string) []string {
	return append(slices.Clone(env), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")
}

func (r *reaper) run(command []string, output *os.File) int {
	_, ended, err := r.start(command, nil, output)
	if err != nil {
		fmt.Fprintln(output, err)
		return 127
	}
	return (<-ended).ExitStatus()
}

// others lists the wanted processes of this namespace but the first.
func others(wanted func(int) bool) []int {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	var found []int
	for _, folder := range folders {
		pid, _ := strconv.Atoi(filepath.Base(folder))
		command, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		// Without a command line it is a zombie that is about to be collected.
		if pid > 1 && len(command) > 0 && wanted(pid) {
			found = append(found, pid)
		}
	}
	return found
}

func words(status syscall.WaitStatus) string {
	if status.Signaled() {
		return strings.ToLower(status.Signal().String())
	}
	return "exit " + strconv.Itoa(status.ExitStatus())
}
