import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {directoryTarget, thisMachine} from '../../source/targets/local-target.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-target-'));
afterAll(() => rmSync(folder, {recursive: true}));

test('the machine’s own /proc is this machine, however it is written', () => {
	expect(directoryTarget('/proc')).toBe(thisMachine);
	expect(directoryTarget('/proc/')).toBe(thisMachine);
	expect(directoryTarget('/proc/../proc')).toBe(thisMachine);
});

test('a folder without a stat file is no /proc', () => {
	expect(directoryTarget(folder)).toBeUndefined();
	expect(directoryTarget(path.join(folder, 'none'))).toBeUndefined();
	writeFileSync(path.join(folder, 'file'), '');
	expect(directoryTarget(path.join(folder, 'file'))).toBeUndefined();
});

test('a folder that looks like /proc runs on no kernel of ours, and its users are not ours', () => {
	writeFileSync(path.join(folder, 'stat'), 'cpu  1 2 3 4\n');
	expect(directoryTarget(`${folder}/`)).toMatchObject({procRoot: folder, ownKernel: false});
	expect(directoryTarget(folder)).not.toHaveProperty('cgroupRoot');
	expect(directoryTarget(folder)?.passwdFile).toBe(path.join(folder, '1/root/etc/passwd'));
});
