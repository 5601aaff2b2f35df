package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogsStayBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program.log")
	log := openLog(path)
	line := strings.Repeat("x", 1023) + "\n"
	for range 3 * logLimit / 1024 {
		if _, err := log.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
	log.WriteString("the end\n")
	log.Close()
	within(t, func() bool {
		text, _ := os.ReadFile(path)
		return strings.HasSuffix(string(text), "the end\n")
	})
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Size() > logLimit+64<<10 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 2 {
		t.Errorf("more files than two: %v", left)
	}
}

func TestForwardNamesTheClient(t *testing.T) {
	server, _ := net.Listen("tcp4", "127.0.0.1:0")
	said := make(chan string, 1)
	go func() {
		connection, _ := server.Accept()
		text, _ := io.ReadAll(connection)
		said <- string(text)
		connection.Write([]byte("answer"))
		connection.Close()
	}()
	front, _ := net.Listen("tcp4", "127.0.0.1:0")
	go forward{To: server.Addr().String(), From: "127.0.0.1", Proxy: true}.serve(front)

	client, err := net.Dial("tcp4", front.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client.Write([]byte("question"))
	client.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(client)
	if string(answer) != "answer" {
		t.Errorf("a half-closed connection got %q", answer)
	}
	from, to := client.LocalAddr().(*net.TCPAddr), front.Addr().(*net.TCPAddr)
	want := "PROXY TCP4 127.0.0.1 127.0.0.1 " + port(from) + " " + port(to) + "\r\nquestion"
	if got := <-said; got != want {
		t.Errorf("the server got %q, not %q", got, want)
	}
}

func port(address *net.TCPAddr) string {
	_, text, _ := net.SplitHostPort(address.String())
	return text
}

func TestCertificatesAreMadeOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "pki")
	ask := func(hosts ...string) {
		t.Helper()
		text, _ := json.Marshal(order{Folder: folder, Keys: []string{"sign"}, Certificates: []wanted{
			{File: "ca", Name: "ca"},
			{File: "server", Name: "server", By: "ca", Hosts: hosts},
		}})
		path := filepath.Join(t.TempDir(), "order.json")
		os.WriteFile(path, text, 0o600)
		if err := makeCertificates(path); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	pair := func() {
		t.Helper()
		if _, err := tls.LoadX509KeyPair(filepath.Join(folder, "server.crt"), filepath.Join(folder, "server.key")); err != nil {
			t.Error(err)
		}
	}
	ask("127.0.0.1")
	authority, server, key := read("ca.crt"), read("server.crt"), read("sign.key")
	ask("127.0.0.1")
	if read("ca.crt") != authority || read("server.crt") != server || read("sign.key") != key {
		t.Error("asked again, something was made anew")
	}
	pair()

	ask("127.0.0.1", "localhost")
	if read("ca.crt") != authority || read("server.crt") == server {
		t.Error("a new host needs a new certificate from the same authority")
	}

	if _, err := newKey(filepath.Join(folder, "server.key")); err != nil {
		t.Fatal(err)
	}
	ask("127.0.0.1", "localhost")
	pair()
	if info, _ := os.Stat(filepath.Join(folder, "server.key")); info.Mode().Perm() != 0o600 {
		t.Error("others can read the key")
	}
}

func TestTheReaperKnowsHowEachEnds(t *testing.T) {
	r := startReaper()
	null, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	for code, command := range map[int][]string{0: {"true"}, 1: {"false"}, 7: {"sh", "-c", "exit 7"}, 127: {"no-such-program"}} {
		if got := r.run(command, null); got != code {
			t.Errorf("%v ended with %d", command, got)
		}
	}
}

func within(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Error("not within ten seconds")
}
