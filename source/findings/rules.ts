import {gilThrash} from './gil-thrash.js';
import {idlePolling} from './idle-polling.js';
import {oversubscribed} from './oversubscribed.js';
import type {Rule} from './rule.js';

/** All diagnoses; causes stand before their symptoms, since a thread that is explained isn't explained again. */
export const rules: readonly Rule[] = [gilThrash, idlePolling, oversubscribed];
