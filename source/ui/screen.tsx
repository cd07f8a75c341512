import {Box} from 'ink';
import {pageLines, panelLines, stripText} from './findings-lines.js';
import {footerLine} from './footer-text.js';
import {headerLines, oneLine} from './header-text.js';
import {Line, Lines} from './line.js';
import {pageRows} from './page.js';
import {PreflightScreen} from './preflight-screen.js';
import {tableLines} from './table-text.js';
import type {Theme} from './theme.js';
import type {ViewState} from './view-state.js';

type ScreenProps = {readonly state: ViewState; readonly theme: Theme};

const TableScreen = ({state, theme}: ScreenProps) => {
	const {layout, size} = state;
	const bodyRows = layout.tableRows + 1;
	return (
		<>
			<Lines lines={headerLines(state, theme)} width={size.columns} height={layout.headerRows} />
			<Box>
				<Lines lines={tableLines(state, theme)} width={layout.tableColumns} height={bodyRows} />
				{layout.kind === 'panel' && (
					<Lines
						lines={panelLines(state, theme).map(text => `${theme.marks.edge} ${text}`)}
						width={layout.panelColumns + 2}
						height={bodyRows}
					/>
				)}
			</Box>
			<Lines lines={stripText(state, theme)} width={size.columns} height={layout.stripRows} />
			{(layout.footerRows > 0 || state.prompt !== undefined) && (
				<Line text={footerLine(state, theme)} />
			)}
		</>
	);
};

const PageScreen = ({state, theme}: ScreenProps) => (
	<>
		{state.page === 'preflight' ? (
			<PreflightScreen
				checks={state.checks}
				scroll={state.scroll}
				size={state.size}
				theme={theme}
			/>
		) : (
			<Lines
				lines={pageLines(state, theme)}
				width={state.size.columns}
				height={pageRows(state.size) + 1}
			/>
		)}
		<Line text={footerLine(state, theme)} />
	</>
);

/** The whole screen, exactly as high as the terminal. */
export const Screen = ({state, theme}: ScreenProps) => {
	const {size, layout, page} = state;
	const isLine = layout.kind === 'line';
	return (
		<Box flexDirection="column" width={size.columns} height={size.rows}>
			{isLine && (
				<Lines
					lines={[theme.paint('text', oneLine(state))]}
					width={size.columns}
					height={size.rows}
				/>
			)}
			{!isLine && page === 'table' && <TableScreen state={state} theme={theme} />}
			{!isLine && page !== 'table' && <PageScreen state={state} theme={theme} />}
		</Box>
	);
};
