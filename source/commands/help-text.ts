import {commandTable} from './command-table.js';
import {type WrittenOption, writtenOptions} from './option-table.js';

const commandWidth = 30;
const optionWidth = 30;

const commandLines = commandTable.map(({name, usage, help}) => {
	const words = ['ctop', name, usage].filter(word => word !== '').join(' ');
	return `  ${words.padEnd(commandWidth)}  ${help}`;
});

const optionLines = ({short, long, value, help}: WrittenOption): readonly string[] => {
	const names = short === undefined ? `    ${long}` : `${short}, ${long}`;
	const words = value === undefined ? names : `${names} ${value}`;
	return help.map((line, index) => `  ${(index === 0 ? words : '').padEnd(optionWidth)}  ${line}`);
};

/** What `ctop --help` prints. */
export const help = `ctop: top for thread contention: who switches, what they wait for, why, and the fix

Usage
${commandLines.join('\n')}

Options
${writtenOptions.flatMap(optionLines).join('\n')}

Exit status
  0 fine   1 error   2 usage   3 --fail-on met   4 processes of --pid gone
`;
