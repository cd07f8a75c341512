import type {Check} from '../model/preflight.js';
import type {Size} from './layout.js';
import {Lines} from './line.js';
import {pageRows} from './page.js';
import {preflightLines} from './preflight-text.js';
import type {Theme} from './theme.js';

type PreflightScreenProps = {
	/** Of the newest look; missing until the first is done. */
	readonly checks: readonly Check[] | undefined;
	/** First line shown. */
	readonly scroll: number;
	readonly size: Size;
	readonly theme: Theme;
};

/** The pre-flight's checks on a page as high as the terminal less the line of keys below it. */
export const PreflightScreen = ({checks, scroll, size, theme}: PreflightScreenProps) => (
	<Lines
		lines={preflightLines(checks, scroll, size, theme)}
		width={size.columns}
		height={pageRows(size) + 1}
	/>
);
