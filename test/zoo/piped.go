// A Go program and its child, with a pipe in either direction: piped MODE.
// asks: the price of one article at a time. blocks: 64 KiB at a time, back in another order. lines: a stream of short lines, answered by as many.
// log: the child only reads.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

func check(err error) {
	if err != nil {
		os.Exit(0)
	}
}

func child(mode string) {
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	switch mode {
	case "blocks":
		block := make([]byte, 1<<16)
		for {
			_, err := io.ReadFull(in, block)
			check(err)
			for from, to := 0, len(block)-1; from < to; from, to = from+1, to-1 {
				block[from], block[to] = block[to], block[from]
			}
			_, err = os.Stdout.Write(block)
			check(err)
		}
	case "log":
		for {
			_, err := in.ReadString('\n')
			check(err)
		}
	}
	out := bufio.NewWriter(os.Stdout)
	for {
		var article int
		_, err := fmt.Fscanln(in, &article)
		check(err)
		fmt.Fprintln(out, article*31%1009)
		// Who streams is answered when nothing more is there.
		if in.Buffered() == 0 {
			check(out.Flush())
		}
	}
}

func parent(mode string, to io.Writer, from io.Reader) {
	answers := bufio.NewReaderSize(from, 1<<16)
	switch mode {
	case "asks":
		for article := 0; ; article++ {
			_, err := fmt.Fprintln(to, article)
			check(err)
			_, err = answers.ReadString('\n')
			check(err)
		}
	case "blocks":
		block := make([]byte, 1<<16)
		for {
			_, err := to.Write(block)
			check(err)
			_, err = io.ReadFull(answers, block)
			check(err)
		}
	}
	go io.Copy(io.Discard, answers)
	for article := 0; ; article++ {
		_, err := fmt.Fprintln(to, article)
		check(err)
	}
}

func main() {
	mode := os.Args[1]
	if len(os.Args) > 2 {
		child(mode)
	}
	command := exec.Command(os.Args[0], mode, "child")
	to, err := command.StdinPipe()
	check(err)
	from, err := command.StdoutPipe()
	check(err)
	check(command.Start())
	fmt.Println("ready")
	go parent(mode, to, from)
	go func() {
		time.Sleep(120 * time.Second)
		os.Exit(0)
	}()
	io.Copy(io.Discard, os.Stdin)
}
