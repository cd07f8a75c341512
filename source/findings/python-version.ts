import type {Process} from '../model/process.js';

/** Whether it is CPython, of this major version. */
export const isPython = ({runtime}: Process, major: 2 | 3): boolean =>
	runtime?.name === 'cpython' && runtime.version?.startsWith(String(major)) === true;
