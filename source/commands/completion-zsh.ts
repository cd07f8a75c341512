import {fileCommands, namedCommands, quoted, wordCommands} from './completion-words.js';
import {type ValueKind, type WrittenOption, writtenOptions} from './option-table.js';

/** Functions of zsh that complete such things, see zshcompsys(1). */
const kinds: Readonly<Record<ValueKind, string>> = {
	file: '_files',
	directory: '_files -/',
	user: '_users',
	pid: '_pids',
};

/** Brackets and colons end a part of a specification. */
const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);

const valueSpec = ({value, values}: WrittenOption): string => {
	if (value === undefined) {
		return '';
	}

	const action =
		values === undefined
			? ' '
			: typeof values === 'string'
				? kinds[values]
				: `(${values.join(' ')})`;
	return `:${escaped(value)}:${action}`;
};

const optionSpecs = (option: WrittenOption): readonly string[] => {
	const {short, long, help, isMultiple} = option;
	const rest = `[${escaped(help[0] ?? '')}]${valueSpec(option)}`;
	const names = short === undefined ? [long] : [short, long];
	const before = isMultiple ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
	return names.map(name => quoted(`${before}${name}${rest}`));
};

/** A script for zsh(1): `source <(ctop completion zsh)`, or a file \`_ctop\` in a directory of fpath. */
export const zshCompletion = (ruleNames: readonly string[]): string => {
	const commands = namedCommands.map(({name, help}) => quoted(`${name}:${help}`));
	const words = wordCommands(ruleNames);
	return `#compdef ctop
# zsh completion of ctop; read it with: source <(ctop completion zsh)
_ctop_commands() {
	local -a commands=(
		${commands.join('\n\t\t')}
	)
	_describe command commands
}

_ctop() {
	local -a line
	_arguments -s \\
		${writtenOptions.flatMap(optionSpecs).join(' \\\n\t\t')} \\
		'1: :_ctop_commands' \\
		'*: :->operand'
	case $state in
		operand)
			case $line[1] in
				${fileCommands.join('|')}) _files ;;
${words.map(each => `\t\t\t\t${each.name}) compadd ${each.words.join(' ')} ;;`).join('\n')}
			esac ;;
	esac
}

if [[ $funcstack[1] == _ctop ]]; then
	_ctop "$@"
else
	compdef _ctop ctop
fi
`;
};
