import {searchFlame} from './probe-commands.js';
import {save} from './time-commands.js';
import {
	type Prompt,
	selectedRow,
	settle,
	type ViewState,
	withEffect,
	withMessage,
} from './view-state.js';

const shortestSeconds = 0.1;
const longestSeconds = 60;

/** `2`, `0.5`, `0.5s` or `500ms` in seconds; undefined when it isn't a time from 0.1 to 60 s. */
export const parseInterval = (text: string): number | undefined => {
	const [, digits, unit] = /^\s*(\d+\.?\d*|\.\d+)\s*(s|ms)?\s*$/.exec(text) ?? [];
	if (digits === undefined) {
		return undefined;
	}

	const seconds = Number(digits) / (unit === 'ms' ? 1000 : 1);
	return seconds >= shortestSeconds && seconds <= longestSeconds ? seconds : undefined;
};

const withFilterText = (state: ViewState, filter: string): ViewState =>
	settle({...state, options: {...state.options, filter}}, state, selectedRow(state)?.key);

const withText = (state: ViewState, prompt: Prompt, text: string): ViewState => {
	const typed = {...state, prompt: {...prompt, text}};
	if (prompt.kind === 'probe-search') {
		return searchFlame(typed, text);
	}

	return prompt.kind === 'filter' ? withFilterText(typed, text) : typed;
};

const closed = (state: ViewState): ViewState => ({...state, prompt: undefined});

const submit = (state: ViewState, prompt: Prompt): ViewState => {
	if (prompt.kind === 'filter' || prompt.kind === 'probe-search') {
		return closed(state);
	}

	if (prompt.kind === 'note') {
		return save(closed(state), {note: prompt.text.trim()});
	}

	const seconds = parseInterval(prompt.text);
	return seconds === undefined
		? withMessage(closed(state), `not a time from 0.1 to 60 seconds: ${prompt.text}`, true)
		: withEffect(closed(state), {kind: 'interval', seconds});
};

const cancel = (state: ViewState, prompt: Prompt): ViewState => {
	if (prompt.kind === 'probe-search') {
		return searchFlame(closed(state), '');
	}

	return prompt.kind === 'filter' ? withFilterText(closed(state), '') : closed(state);
};

/** A key while a line is typed: letters go into it, Enter keeps it, Esc drops it. */
export const promptKey = (state: ViewState, prompt: Prompt, key: string): ViewState => {
	switch (key) {
		case 'enter':
			return submit(state, prompt);
		case 'escape':
			return cancel(state, prompt);
		case 'backspace':
		case 'delete':
			return withText(state, prompt, [...prompt.text].slice(0, -1).join(''));
		case 'ctrl+u':
			return withText(state, prompt, '');
		case 'space':
			return withText(state, prompt, `${prompt.text} `);
		default:
			return [...key].length === 1 ? withText(state, prompt, prompt.text + key) : state;
	}
};
