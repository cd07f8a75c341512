import {useInput, useStdin, useWindowSize} from 'ink';
import {useEffect, useLayoutEffect, useReducer} from 'react';
import type {ViewOptions} from '../format/view-options.js';
import {keyNames} from './key-names.js';
import {timelinePid} from './page-commands.js';
import type {Probing} from './probe-view.js';
import {reduce} from './reduce.js';
import {screenLines} from './screen-lines.js';
import type {Theme} from './theme.js';
import {type Outside, useEffects} from './use-effects.js';
import {useFocus} from './use-focus.js';
import {initialState} from './view-state.js';

const messageMilliseconds = 10_000;
/** What another program wrote over the screen stays no longer than this. */
const repaintMilliseconds = 30_000;

type AppProps = {
	readonly outside: Outside;
	readonly theme: Theme;
	readonly initialView: ViewOptions;
	readonly probing?: Probing | undefined;
};

/** Wires the source, the keys and the size of the terminal to the screen's state, whose lines the painter draws. */
export const App = ({outside, theme, initialView, probing}: AppProps) => {
	const {source} = outside;
	const size = useWindowSize();
	const {isRawModeSupported} = useStdin();
	const [state, dispatch] = useReducer(reduce, undefined, () =>
		initialState(source.kind, initialView, size, probing),
	);
	const {columns, rows} = size;

	useEffect(
		() =>
			source.subscribe((snapshot, position) => {
				outside.noteSnapshot(snapshot);
				dispatch({type: 'snapshot', snapshot, position});
			}),
		[source, outside],
	);

	const isPreflight = state.page === 'preflight';
	useEffect(() => {
		if (isPreflight) {
			source.requestChecks?.();
		}
	}, [source, isPreflight]);

	useEffect(() => source.subscribeChecks?.(checks => dispatch({type: 'checks', checks})), [source]);

	useEffect(() => dispatch({type: 'resize', size: {columns, rows}}), [columns, rows]);
	// The frame right after a resize must fit already, before the effect above has run.
	const fits = state.size.columns === columns && state.size.rows === rows;
	const fitting = fits ? state : reduce(state, {type: 'resize', size: {columns, rows}});

	useInput((input, key) => dispatch({type: 'keys', keys: keyNames(input, key)}), {
		isActive: isRawModeSupported,
	});

	useEffects(state, dispatch, outside);

	const messageId = state.message?.id;
	useEffect(() => {
		if (messageId === undefined) {
			return;
		}

		const timer = setTimeout(() => {
			dispatch({type: 'message-over', id: messageId});
		}, messageMilliseconds);
		return () => clearTimeout(timer);
	}, [messageId]);

	useEffect(() => {
		const timer = setInterval(() => {
			outside.painter.forget();
			dispatch({type: 'repaint'});
		}, repaintMilliseconds);
		return () => clearInterval(timer);
	}, [outside]);

	useFocus(source, state);

	const timeline = timelinePid(state);
	useEffect(() => source.setTimeline?.(timeline), [source, timeline]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: a terminal of another size shows something else.
	useLayoutEffect(() => outside.painter.forget(), [outside, columns, rows]);

	useLayoutEffect(
		() => outside.painter.draw(screenLines(fitting, theme)),
		[outside, fitting, theme],
	);

	return null;
};
