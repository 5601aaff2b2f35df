package main

import (
	"crypto/tls"
	"net/http"
	"os"
	"time"
)

// probe is one condition to wait for: a URL that answers 200, or a command that
// exits 0.
type probe struct {
	URL     string   `json:"url"`
	Command []string `json:"command"`
}

// The probe only asks whether the server is up, and no secret is sent: the
// certificate is checked by those who talk to it afterwards.
var prober = http.Client{
	Timeout:   2 * time.Second,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
}

func (p probe) until(r *reaper) {
	pause := 50 * time.Millisecond
	if p.URL == "" {
		// A command costs more than a request.
		pause = 200 * time.Millisecond
	}
	for !p.holds(r) {
		time.Sleep(pause)
	}
}

func (p probe) holds(r *reaper) bool {
	if p.URL == "" {
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			return false
		}
		defer null.Close()
		return r.run(p.Command, null) == 0
	}
	answer, err := prober.Get(p.URL)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
