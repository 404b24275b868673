import type { Shell } from './shell.ts';

/**
 * The script that teaches a shell to complete a tool's command line; without a line break at its end. It asks the tool itself, as
 * `<tool> __complete <words>`, and holds nothing of what the tool takes: it need not be made anew when that changes.
 *
 * The tool answers with lines: what the shell is to propose by itself, what stands before the proposals in the same word, what is typed of
 * them, and from the fourth line on a proposal each, with a tab before its description. The shell runs nothing of it.
 */
export function completionScript(shell: Shell, tool: string): string {
  return SCRIPTS[shell](tool, `_${tool.replace(/[^A-Za-z0-9]/g, '_')}`);
}

const SCRIPTS: Readonly<Record<Shell, (tool: string, name: string) => string>> = {
  // Keeps to what macOS's own bash (3.2) knows, but for `compopt`: where that is missing, file names with blanks come unquoted.
  bash: (tool, name) => `# bash completion of ${tool}. To load it in every shell, add this line to ~/.bashrc:
#   source <(${tool} completion bash)
${name}() {
  local kind before typed word option=default action=-f
  COMPREPLY=()
  {
    IFS= read -r kind && IFS= read -r before && IFS= read -r typed || return
    # readline replaces only what stands behind a = where that parts words.
    [[ $COMP_WORDBREAKS == *=* ]] && before=
    while IFS=$'\\t' read -r word _; do
      printf -v word %q "$word"
      COMPREPLY+=("$before$word")
    done
  } < <(command ${tool} __complete --line "\${COMP_LINE:0:COMP_POINT}" </dev/null 2>/dev/null)
  case $kind in
    nothing) return ;;
    folders) option=dirnames action=-d ;;
    command*)
      local at=1
      while [[ $at -lt $COMP_CWORD && \${COMP_WORDS[at]} != -- ]]; do ((at++)); done
      declare -F _command_offset >/dev/null && _command_offset $((at + 1)) && return
      [[ $kind == commands ]] && option=bashdefault action=-c
      ;;
  esac
  # readline's own file names come quoted as they must be, but it looks for them only where a word of its own begins.
  [[ $action != -c && -z $before ]] && compopt -o "$option" 2>/dev/null && return
  while IFS= read -r word; do COMPREPLY+=("$before$word"); done < <(compgen "$action" -- "$typed")
}
complete -F ${name} ${tool}`,

  zsh: (tool) => `#compdef ${tool}
# zsh completion of ${tool}. To load it in every shell, add this line to the end of ~/.zshrc:
#   source <(${tool} completion zsh)
# or write it to a file named _${tool} in a folder of fpath.
_${tool}() {
  local line word
  local -a answer items
  answer=( "\${(@f)$(command ${tool} __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" </dev/null 2>/dev/null)}" )
  [[ -n $answer[2] ]] && compset -P '*='
  for line in "\${(@)answer[4,-1]}"; do
    line=\${line//\\\\/\\\\\\\\}
    word=\${line%%$'\\t'*} line=\${line#*$'\\t'}
    items+=( "\${word//:/\\\\:}\${line:+:$line}" )
  done
  case $answer[1] in
    (nothing) _describe -t values value items ;;
    (files) _files ;;
    (folders) _files -/ ;;
    (command*)
      line=\${words[(i)--]}
      words=( "\${(@)words[line+1,-1]}" )
      (( CURRENT -= line ))
      _normal
      ;;
  esac
}
if [[ $funcstack[1] == _${tool} ]]; then
  _${tool} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _${tool} ${tool}
fi`,

  fish: (tool, name) => `# fish completion of ${tool}. To load it in every shell:
#   ${tool} completion fish > ~/.config/fish/completions/${tool}.fish
function ${name}
    set -l words (commandline -opc)
    set -l answer (command ${tool} __complete $words[2..-1] (commandline -ct) </dev/null 2>/dev/null)
    set -l found $answer[4..-1]
    switch "$answer[1]"
        case files folders
            set found (complete -C "'' "(string replace -r -- '^--[^=]*=' '' (commandline -ct)))
            test $answer[1] = folders; and set found (string match -r -- '^[^\\t]*/(?:\\t.*)?$' $found)
        case 'command*'
            set words $words[(math 1 + (contains -i -- -- $words))..-1]
            complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
            return
    end
    string join -- \\n $answer[2]$found
end
# What was said of it before would stand beside what is said now.
complete -c ${tool} -e
complete -c ${tool} -f -a '(${name})'`,
};
