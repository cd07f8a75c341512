import {useApp} from 'ink';
import {useEffect, useRef} from 'react';
import type {Snapshot} from '../model/snapshot.js';
import type {LiveSource} from './live-source.js';
import type {Painter} from './painter.js';
import type {Action} from './reduce.js';
import {suspendJob} from './suspend.js';
import type {Effect, Save, ViewState} from './view-state.js';

export type Outside = {
	source: LiveSource;
	/** Told of each new Snapshot, shown or not. */
	noteSnapshot: (snapshot: Snapshot) => void;
	/** Writes a moment to a new file; says where, or throws with the reason. */
	save: (moment: Save) => Promise<string>;
	painter: Painter;
};

const errorText = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

/** A close look at a process; the screen goes on meanwhile. */
const runProbe = async (
	{pid, seconds}: {pid: number; seconds: number},
	{source}: Outside,
	dispatch: (action: Action) => void,
): Promise<void> => {
	try {
		const probe = await source.probe?.(pid, seconds, (share, what) =>
			dispatch({type: 'probe-progress', share, what}),
		);
		if (probe) {
			dispatch({type: 'probe-done', probe});
		}
	} catch (error) {
		dispatch({type: 'probe-failed', reason: errorText(error)});
	}
};

/** Does once what keys asked for beyond the screen, and says how it went. */
export const useEffects = (
	{effects}: ViewState,
	dispatch: (action: Action) => void,
	outside: Outside,
): void => {
	const {exit, suspendTerminal} = useApp();
	const done = useRef(0);

	useEffect(() => {
		const run = async (effect: Effect): Promise<void> => {
			switch (effect.kind) {
				case 'quit':
					exit();
					return;
				case 'suspend':
					await suspendTerminal(suspendJob);
					outside.painter.forget();
					dispatch({type: 'repaint'});
					return;
				case 'repaint':
					outside.painter.forget();
					dispatch({type: 'repaint'});
					return;
				case 'interval':
					outside.source.setIntervalSeconds?.(effect.seconds);
					dispatch({type: 'message', text: `interval ${effect.seconds} s`, isError: false});
					return;
				case 'save': {
					const path = await outside.save(effect);
					dispatch({type: 'message', text: `saved ${path}`, isError: false});
					return;
				}

				case 'step':
					outside.source.player?.step(effect.by);
					return;
				case 'speed':
					outside.source.player?.changeSpeed(effect.by < 0 ? -1 : 1);
					return;
				case 'play':
					outside.source.player?.togglePlaying();
					return;
				case 'probe':
					await runProbe(effect, outside, dispatch);
					return;
				case 'stop-probe':
					outside.source.stopProbe?.();
					return;
				case 'next-finding':
					outside.source.player?.toNextFinding();
			}
		};

		for (const effect of effects) {
			if (effect.id > done.current) {
				done.current = effect.id;
				run(effect).catch((error: unknown) => {
					dispatch({type: 'message', text: `${effect.kind}: ${errorText(error)}`, isError: true});
				});
			}
		}
	}, [effects, dispatch, outside, exit, suspendTerminal]);
};
