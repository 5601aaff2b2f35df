module homeslice.dev/sandbox/node

go 1.26.0
