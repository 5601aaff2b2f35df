package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// forward carries connections from a port of the machine to an address inside.
type forward struct {
	Listen string `json:"listen"`
	To     string `json:"to"`
	// From is the address inside that connections come from.
	From string `json:"from"`
	// Proxy sends the PROXY protocol's first line, so the receiver sees the real client.
	Proxy bool `json:"proxy"`
}

func (f forward) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go f.carry(client.(*net.TCPConn))
	}
}

func (f forward) carry(client *net.TCPConn) {
	defer client.Close()
	dialer := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(f.From)}}
	connection, err := dialer.Dial("tcp4", f.To)
	if err != nil {
		return
	}
	server := connection.(*net.TCPConn)
	defer server.Close()
	if f.Proxy {
		from, to := client.RemoteAddr().(*net.TCPAddr), client.LocalAddr().(*net.TCPAddr)
		line := fmt.Sprintf("PROXY TCP4 %s %s %d %d\r\n", from.IP, to.IP, from.Port, to.Port)
		if _, err := io.WriteString(server, line); err != nil {
			return
		}
	}
	done := make(chan struct{})
	go func() {
		copyThenClose(server, client)
		close(done)
	}()
	copyThenClose(client, server)
	<-done
}

// copyThenClose passes the end of one direction on, so half-closed connections
// work; an error ends both directions.
func copyThenClose(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		from.Close()
		return
	}
	to.CloseWrite()
}

// listeners takes over the sockets that the outer process opened.
func listeners(forwards []forward) []net.Listener {
	all := make([]net.Listener, len(forwards))
	for i := range forwards {
		file := os.NewFile(uintptr(3+i), forwards[i].Listen)
		listener, err := net.FileListener(file)
		if err != nil {
			fail(1, "port %s: %v", forwards[i].Listen, err)
		}
		file.Close()
		all[i] = listener
	}
	return all
}
