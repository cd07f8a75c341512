import {fileCommands, namedCommands, quoted, wordCommands} from './completion-words.js';
import {type ValueKind, type WrittenOption, writtenOptions} from './option-table.js';

/** What compgen makes the candidates of, see bash(1), Programmable Completion. */
const kinds: Readonly<Record<ValueKind, string>> = {
	file: '-f',
	directory: '-d',
	user: '-u',
	pid: `-W "$(command ls /proc | command grep '^[0-9]')"`,
};

const namesOf = ({short, long}: WrittenOption): string =>
	short === undefined ? long : `${short}|${long}`;

const candidates = ({values}: WrittenOption): string => {
	if (values === undefined) {
		return 'return';
	}

	return typeof values === 'string'
		? `_ctop_offer ${kinds[values]}; return`
		: `_ctop_offer -W ${quoted(values.join(' '))}; return`;
};

/** A script for bash(1) to read, as with `source <(ctop completion bash)`. */
export const bashCompletion = (ruleNames: readonly string[]): string => {
	const withValue = writtenOptions.filter(({type}) => type === 'string');
	const options = writtenOptions.flatMap(({short, long}) => (short ? [short, long] : [long]));
	const words = wordCommands(ruleNames);
	return `# bash completion of ctop; read it with: source <(ctop completion bash)
_ctop_offer() {
	mapfile -t COMPREPLY < <(compgen "$@" -- "$current")
}

_ctop() {
	local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' index
	# In --sort=cpu bash takes the equals sign for a word of its own.
	if [[ $current == '=' ]]; then
		current=''
	elif [[ $previous == '=' ]]; then
		previous=\${COMP_WORDS[COMP_CWORD-2]}
	fi
	case $previous in
		-o|--output|--proc) compopt -o filenames 2>/dev/null ;;
	esac
	case $previous in
${withValue.map(option => `\t\t${namesOf(option)}) ${candidates(option)} ;;`).join('\n')}
	esac
	if [[ $current == -* ]]; then
		_ctop_offer -W ${quoted(options.join(' '))}
		return
	fi
	for ((index = 1; index < COMP_CWORD; index++)); do
		case \${COMP_WORDS[index]} in
			${withValue.map(namesOf).join('|')}) ((index++)) ;;
			-*) ;;
			*) command=\${COMP_WORDS[index]}; break ;;
		esac
	done
	case $command in
		'') _ctop_offer -W ${quoted(namedCommands.map(({name}) => name).join(' '))} ;;
		${fileCommands.join('|')}) compopt -o filenames 2>/dev/null; _ctop_offer -f ;;
${words.map(each => `\t\t${each.name}) _ctop_offer -W ${quoted(each.words.join(' '))} ;;`).join('\n')}
	esac
}

complete -F _ctop ctop
`;
};
