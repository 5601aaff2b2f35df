package main

import (
	"os"
	"sync/atomic"
)

const logLimit = 4 << 20

// openLog gives a program's output a file that cannot grow without bound: at
// the limit the file becomes NAME.1 and a new one begins, so a program holds at
// most two. The program writes to a pipe, so nothing it holds open is swapped.
func openLog(path string) *os.File {
	reader, writer, err := os.Pipe()
	if err != nil {
		fail(1, "a pipe for %s: %v", path, err)
	}
	go copyLog(reader, path)
	return writer
}

var logWarned atomic.Bool

func copyLog(reader *os.File, path string) {
	buffer := make([]byte, 32<<10)
	file, size := appendTo(path)
	for {
		count, err := reader.Read(buffer)
		if err != nil {
			return
		}
		if size += int64(count); size > logLimit {
			file.Close()
			os.Rename(path, path+".1")
			file, size = appendTo(path)
			size += int64(count)
		}
		// A full disk must not stop the program: its pipe is drained all the same.
		if _, err := file.Write(buffer[:count]); err != nil && logWarned.CompareAndSwap(false, true) {
			os.Stderr.WriteString("logs are being lost: " + err.Error() + "\n")
		}
	}
}

func appendTo(path string) (*os.File, int64) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0
	}
	info, err := file.Stat()
	if err != nil {
		return file, 0
	}
	return file, info.Size()
}
