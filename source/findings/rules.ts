import {deadlock} from './deadlock.js';
import {eventLoopBusy} from './event-loop-busy.js';
import {forkStorm} from './fork-storm.js';
import {gc} from './gc.js';
import {gilThrash} from './gil-thrash.js';
import {hung} from './hung.js';
import {idlePolling} from './idle-polling.js';
import {idleThreadsRule} from './idle-threads.js';
import {ioWait} from './io-wait.js';
import {kernelLock} from './kernel-lock.js';
import {lockContention} from './lock-contention.js';
import {memoryStall} from './memory-stall.js';
import {oversubscribed} from './oversubscribed.js';
import {pingPong} from './ping-pong.js';
import {poolSaturated} from './pool-saturated.js';
import type {Rule} from './rule.js';
import {spin} from './spin.js';
import {stuckLock} from './stuck-lock.js';
import {throttled} from './throttled.js';
import {thunderingHerd} from './thundering-herd.js';
import {zombies} from './zombies.js';

/** All diagnoses; causes stand before their symptoms, since a thread that is explained isn't explained again. */
export const rules: readonly Rule[] = [
	throttled,
	memoryStall,
	deadlock,
	stuckLock,
	hung,
	spin,
	gilThrash,
	gc,
	thunderingHerd,
	lockContention,
	poolSaturated,
	kernelLock,
	ioWait,
	pingPong,
	forkStorm,
	idlePolling,
	eventLoopBusy,
	zombies,
	oversubscribed,
	idleThreadsRule,
];
