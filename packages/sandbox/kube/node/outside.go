package main

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const namespaces = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWPID

// runOutside stays in the machine's own namespaces. It opens the ports there (a
// listening socket belongs to the network it was opened in, so the inner
// process serves it from inside), and runs the program that brings the
// machine's network in. If it dies, the kernel ends the inner process too.
func runOutside(p plan, planPath string) {
	// A parent-death signal is tied to the thread that forked.
	runtime.LockOSThread()
	lock := takeLock(p.Lock)
	files := listen(p.Forwards)
	inner := exec.Command("/proc/self/exe", "inside", planPath)
	inner.Stdout, inner.Stderr = os.Stdout, os.Stderr
	inner.ExtraFiles = append(files, lock)
	inner.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := inner.Start(); err != nil {
		fail(1, "cannot enter namespaces of its own: %v", err)
	}
	for _, file := range files {
		file.Close()
	}
	writeRecord(p.Record, inner.Process.Pid)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	ended := make(chan error, 1)
	go func() { ended <- inner.Wait() }()
	keepOutside(p, inner.Process.Pid, signals, ended)
	os.Remove(p.Record)
}

func keepOutside(p plan, pid int, signals chan os.Signal, ended chan error) {
	var helper *exec.Cmd
	helperEnded := make(chan error, 1)
	restart := make(<-chan time.Time)
	var log *os.File
	if p.Outside != nil {
		log = openLog(p.OutsideLog)
		restart = time.After(0)
	}
	pause := 200 * time.Millisecond
	for {
		select {
		case <-restart:
			helper = startOutside(p, pid, log, helperEnded)
		case err := <-helperEnded:
			os.Stderr.WriteString(p.Outside.Name + " ended: " + describe(err) + "\n")
			restart = time.After(pause)
			pause = min(2*pause, 30*time.Second)
		case <-signals:
			syscall.Kill(pid, syscall.SIGTERM)
		case <-ended:
			if helper != nil && helper.Process != nil {
				helper.Process.Kill()
			}
			return
		}
	}
}

func startOutside(p plan, pid int, log *os.File, ended chan error) *exec.Cmd {
	command := make([]string, len(p.Outside.Command))
	for i, word := range p.Outside.Command {
		command[i] = strings.ReplaceAll(word, "{pid}", strconv.Itoa(pid))
	}
	helper := exec.Command(command[0], command[1:]...)
	helper.Stdout, helper.Stderr = log, log
	helper.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := helper.Start(); err != nil {
		ended <- err
		return helper
	}
	go func() { ended <- helper.Wait() }()
	return helper
}

// takeLock is held by the outer and the inner process, so a second start fails
// for as long as any of the first is alive.
func takeLock(path string) *os.File {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_CLOEXEC, 0o600)
	if err == nil {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err == syscall.EWOULDBLOCK {
		fail(75, "this sandbox is already running")
	}
	if err != nil {
		fail(1, "the lock %s: %v", path, err)
	}
	return file
}

func listen(forwards []forward) []*os.File {
	files := make([]*os.File, 0, len(forwards)+1)
	for _, f := range forwards {
		listener, err := net.Listen("tcp4", f.Listen)
		if err != nil {
			fail(98, "port %s is taken: %v", f.Listen, err)
		}
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			fail(1, "port %s: %v", f.Listen, err)
		}
		listener.Close()
		files = append(files, file)
	}
	return files
}

// writeRecord says which processes are the sandbox; the start times tell them
// from later processes with the same number.
func writeRecord(path string, inner int) {
	self := os.Getpid()
	record := map[string]any{
		"outer": map[string]any{"pid": self, "started": startedAt(self)},
		"inner": map[string]any{"pid": inner, "started": startedAt(inner)},
	}
	text, _ := json.Marshal(record)
	if err := os.WriteFile(path+".new", text, 0o600); err == nil {
		os.Rename(path+".new", path)
	}
}

func startedAt(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

func describe(err error) string {
	if err == nil {
		return "exit 0"
	}
	return err.Error()
}
