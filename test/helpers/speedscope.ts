import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/** The application that the speedscope package ships: one page with one script. */
export const speedscopeFolder = path.join(
	path.dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
	'dist/release',
);

type Frame = {name: string; getSelfWeight(): number; getTotalWeight(): number};
type CallNode = {frame: Frame};

/** A profile as speedscope has it in memory. */
export type OpenedProfile = {
	getName(): string;
	getTotalWeight(): number;
	/** A weight in the profile's unit: `1.20s`. */
	formatValue(weight: number): string;
	forEachFrame(visit: (frame: Frame) => void): void;
	forEachCall(
		open: (node: CallNode, value: number) => void,
		close: (node: CallNode, value: number) => void,
	): void;
};

type Importer = (
	fileName: string,
	base64: string,
) => Promise<{name: string; profiles: readonly OpenedProfile[]} | null>;

const findScript = (): string => {
	const name = readdirSync(speedscopeFolder).find(each => /^speedscope-\w+\.js$/.test(each));
	return readFileSync(path.join(speedscopeFolder, name!), 'utf8');
};

/** What the script looks at in a browser before it draws anything. */
const surroundings = () => {
	const page: Record<string, unknown> = {
		...{TextDecoder, TextEncoder, atob, setTimeout, performance},
		console: {log() {}, time() {}, timeEnd() {}, assert: console.assert, error: console.error},
		location: {hash: '', protocol: 'file:', href: 'file:///'},
		matchMedia: () => ({matches: false, addEventListener() {}, addListener() {}}),
	};
	page['window'] = page;
	page['self'] = page;
	return page;
};

/**
What speedscope itself does with a file that is given to it on the command line, without a browser to draw it in: its own script runs as
it is, but for its last statement, which draws. Throws when the script looks different in another version.
*/
const loadImporter = (): Importer => {
	const script = findScript();
	const importer =
		/loadFileFromBase64:\((\w+),(\w+)\)=>\{this\.loadProfile\(\(\)=>([\w$]+)\(\1,\2\)\)\}/.exec(
			script,
		)?.[3];
	const drawing = script.lastIndexOf(';', script.lastIndexOf(',document.body,'));
	if (importer === undefined || drawing === -1) {
		throw new Error('this version of speedscope reads files in another way');
	}

	const page = surroundings();
	vm.runInContext(
		`${script.slice(0, drawing)};globalThis.importFile=${importer};})();`,
		vm.createContext(page),
	);
	return page['importFile'] as Importer;
};

let importer: Importer | undefined;

/** Opens a file as speedscope does; throws what speedscope does when it can't. */
export const openInSpeedscope = async (fileName: string, text: string): Promise<OpenedProfile> => {
	importer ??= loadImporter();
	const group = await importer(fileName, Buffer.from(text).toString('base64'));
	if (!group) {
		throw new Error('speedscope knows no such format');
	}

	return group.profiles[0]!;
};

/** The script that speedscope's own command writes to hand a file to its page. */
export const speedscopeHandOver = (fileName: string, text: string): string =>
	`speedscope.loadFileFromBase64(${JSON.stringify(fileName)}, ${JSON.stringify(Buffer.from(text).toString('base64'))})`;
