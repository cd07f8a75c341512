import {hostname, machine, release, userInfo} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {formatDoctor} from '../format/doctor.js';
import type {Doctor} from '../model/doctor.js';
import {readText} from '../procfs/read-text.js';
import type {Target} from '../targets/target.js';
import {checkCapabilities, mayTrace} from './doctor/capabilities.js';
import {checkMachineFiles} from './doctor/machine-files.js';
import {countProcessFiles, judgeProcessFile, processFiles} from './doctor/process-files.js';
import {checkSettings} from './doctor/settings.js';
import {checkDirectory, checkPrograms, checkTerminal} from './doctor/surroundings.js';
import type {LookFormat} from './format-names.js';
import {writeOutput} from './output.js';
import {toolVersion} from './tool-version.js';
import {exitCode} from './usage-error.js';

export const doctorSchemaVersion = '1.0';

const kernelText = (procRoot: string, name: string): string | undefined =>
	readText(path.join(procRoot, 'sys/kernel', name))?.trim();

const userName = (): string => {
	try {
		return userInfo().username;
	} catch {
		// A container may have no entry for the user id that it runs with.
		return `user ${process.geteuid?.()}`;
	}
};

/** Looks at everything once. */
export const examine = (target: Target): Doctor => {
	const {procRoot, ownKernel} = target;
	const status = ownKernel ? (readText(`${procRoot}/self/status`) ?? '') : '';
	const traces = mayTrace(status);
	const userId = ownKernel ? process.geteuid?.() : undefined;
	const counts = countProcessFiles(procRoot, userId);
	const {env, stdin, stdout} = process;
	return {
		schemaVersion: doctorSchemaVersion,
		kind: 'ctop.doctor',
		tool: {name: 'ctop', version: toolVersion, runtime: `Node.js ${process.version}`},
		host: {
			name: kernelText(procRoot, 'hostname') ?? hostname(),
			kernel: kernelText(procRoot, 'osrelease') ?? release(),
			architecture: kernelText(procRoot, 'arch') ?? machine(),
		},
		user: userName(),
		sections: [
			{
				title: 'Files of processes and threads',
				checks: processFiles.map(file => judgeProcessFile(file, counts.get(file.name)!, traces)),
			},
			{title: 'Files of the machine', checks: checkMachineFiles(target)},
			...(ownKernel
				? [
						{
							title: 'Settings of the kernel',
							checks: checkSettings(procRoot, {mayTrace: traces, isRoot: userId === 0}),
						},
						{title: 'Capabilities', checks: checkCapabilities(status)},
					]
				: []),
			{
				title: 'Terminal and files',
				checks: [...checkTerminal(env, stdout, stdin), checkDirectory()],
			},
			{title: 'Programs beside ctop', checks: checkPrograms(env)},
		],
	};
};

/** `ctop doctor`: what can be read and shown here, and what is lost without the rest. Returns the exit code. */
export const runDoctor = (target: Target, format: LookFormat): number => {
	const doctor = examine(target);
	writeOutput(
		format === 'json'
			? `${JSON.stringify(doctor, undefined, '\t')}\n`
			: formatDoctor(doctor, process.stdout.columns ?? 100),
	);
	return exitCode.fine;
};
