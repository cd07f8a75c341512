import type {NextStep, Severity} from '../model/finding.js';
import {graded} from './parts.js';

const many = {warning: 1, critical: 8};

/** By how many threads spin. */
export const spinSeverity = (threads: number): Severity =>
	graded(threads, many.warning, many.critical);

/** Counts all system calls; `what` is what that shows. */
export const countCalls = (pid: number, what: string): NextStep => ({
	what: `${what} (slows the process down while it runs)`,
	command: `timeout 2 strace -f -c -p ${pid}`,
	needs: 'root or the same user',
});
