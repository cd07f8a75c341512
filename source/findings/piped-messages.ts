import type {PipeExchange, Process} from '../model/process.js';
import {isNear} from './herd.js';
import {processesByPid} from './recent.js';
import type {Moment} from './rule.js';
import {orZero, sum, wakesOf} from './thread-facts.js';

/*
Parent and child that exchange small messages over two pipes, with whichever of their threads is free: no two threads wake equally often.
What the kernel counts of the two processes tells: as many messages one way as the other, each read by itself.
*/

/** Below, an exchange costs little. */
const fewestMessages = 3000;
/** Written by the one is what the other reads; each side may do a little more than that. */
const mostDifference = {messages: 0.15, bytes: 0.1};
/** Who writes on without waiting for answers gives the other one several of them to read at a time. */
const leastReadsPerMessage = 0.9;
/** Pipes take up to PIPE_BUF bytes as one piece; larger ones are blocks of data. */
const mostBytes = 4096;
/** Some are answered before the other one sleeps: measured 0.4 to 1 wake for each message in Go. */
const leastWakesPerMessage = 0.2;
/** Of all of them, for a message and its answer: measured 9 to 25 µs in Go. Above, the work is what takes the time. */
const mostMicroseconds = 100;

type Side = {process: Process; io: PipeExchange};

/** A process that sends messages to its children and waits for their answers. */
export type PipedMessages = {
	processes: readonly Process[];
	/** Sent to the children, and as many came back. */
	messagesPerSecond: number;
	bytesPerMessage: number;
	bytesPerAnswer: number;
	/** CPU of all of them, for a message and its answer. */
	microseconds: number;
};

const sideOf = (process: Process): Side | undefined =>
	process.pipeExchange && {process, io: process.pipeExchange};

const childrenOf = ({process, io}: Side, byPid: ReadonlyMap<number, Process>): readonly Side[] =>
	io.peerPids.flatMap(pid => {
		const child = byPid.get(pid);
		return child?.parentPid === process.pid ? (sideOf(child) ?? []) : [];
	});

const totalOf = (sides: readonly Side[], name: Exclude<keyof PipeExchange, 'peerPids'>): number =>
	sum(sides, ({io}) => io[name]);

/** Whether what these send is what those read, one message at a time. */
const areReadByThemselves = (senders: readonly Side[], readers: readonly Side[]): boolean => {
	const messages = totalOf(senders, 'writesPerSecond');
	const bytes = totalOf(senders, 'writtenBytesPerSecond');
	return (
		messages >= fewestMessages &&
		bytes <= messages * mostBytes &&
		totalOf(readers, 'readsPerSecond') >= messages * leastReadsPerMessage &&
		isNear(totalOf(readers, 'readBytesPerSecond'), bytes, mostDifference.bytes)
	);
};

const wakeForThem = (sides: readonly Side[], messages: number): boolean => {
	const wakes = sum(sides, ({process}) => orZero(process.voluntarySwitchesPerSecond));
	return wakes >= fewestMessages && wakes >= messages * leastWakesPerMessage;
};

const messagesOf = (parent: Side, children: readonly Side[]): PipedMessages | undefined => {
	const messages = totalOf([parent], 'writesPerSecond');
	const answers = totalOf(children, 'writesPerSecond');
	const processes = [parent, ...children].map(({process}) => process);
	const microseconds = (sum(processes, ({cpuPercent}) => orZero(cpuPercent)) * 10_000) / messages;
	return children.length > 0 &&
		isNear(answers, messages, mostDifference.messages) &&
		areReadByThemselves([parent], children) &&
		areReadByThemselves(children, [parent]) &&
		wakeForThem([parent], messages) &&
		wakeForThem(children, messages) &&
		microseconds <= mostMicroseconds
		? {
				processes,
				messagesPerSecond: messages,
				bytesPerMessage: parent.io.writtenBytesPerSecond / messages,
				bytesPerAnswer: totalOf(children, 'writtenBytesPerSecond') / answers,
				microseconds,
			}
		: undefined;
};

/** Processes that exchange a message at a time with their children, whatever threads do it. */
export const pipedMessagesOf = ({latest, isExplained}: Moment): readonly PipedMessages[] =>
	latest.processes.flatMap(process => {
		const parent = sideOf(process);
		if (!parent) {
			return [];
		}

		const found = messagesOf(parent, childrenOf(parent, processesByPid(latest)));
		const isToldAlready = found?.processes.some(({threads}) =>
			threads.every(thread => wakesOf(thread) === 0 || isExplained(thread.tid)),
		);
		return found && !isToldAlready ? [found] : [];
	});
