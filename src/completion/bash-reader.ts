import { quote } from './text.ts';

/**
 * The part of the bash script that reads the line under the cursor and proposes what fits. It keeps to what macOS's own bash (3.2)
 * knows, but for `compopt`, which it does without where it is missing: file names with blanks then come unquoted.
 *
 * @param tool the tool's name
 * @param name the same as a part of a function's name
 */
export function bashReader(tool: string, name: string): string {
  return `# Proposes those of the words that begin with what is typed.
__${name}_offer() {
  local word
  for word; do
    if [[ $word == "$typed"* ]]; then
      printf -v word %q "$word"
      COMPREPLY+=("$before$word")
    fi
  done
}

# Proposes the names of files, or with -d of folders.
__${name}_files() {
  local option=default name
  [[ $1 == -d ]] && option=dirnames
  # readline's own file names come quoted as they must be, but it looks for them only where a word of its own begins.
  [[ -z $before ]] && compopt -o "$option" 2>/dev/null && return
  while IFS= read -r name; do COMPREPLY+=("$before$name"); done < <(compgen "$1" -- "$typed")
}

# Proposes what can stand in another command, whose first word is the one of this number, and whose line up to the cursor is the second.
__${name}_inner() {
  local rest=("\${COMP_WORDS[@]:$1}")
  if [[ \${rest[0]} == ${quote(tool)} ]] && ((\${#rest[@]} > 1)); then
    local COMP_WORDS=("\${rest[@]}") COMP_CWORD=$((COMP_CWORD - $1)) COMP_LINE=$2 COMP_POINT=\${#2}
    _${name}
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif (($1 == COMP_CWORD)); then
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -c -- "$typed")
  else
    __${name}_files -f
  fi
}

# Proposes flags, but for those that are on the line.
__${name}_flags() {
  local group word
  __${name}_command "$command"
  for group in "\${flags[@]}"; do
    for word in $group; do [[ $given == *" $word "* ]] && continue 2; done
    __${name}_offer $group
  done
}

# Proposes what \`kind\` says.
__${name}_propose() {
  local word
  case $kind in
    choice) __${name}_offer "\${choices[@]}" ;;
    file) __${name}_files -f ;;
    folder) __${name}_files -d ;;
    profile)
      while IFS= read -r word; do
        __${name}_offer "$word"
      done < <(command ${quote(tool)} completion profiles </dev/null 2>/dev/null)
      ;;
    command)
      if [[ -n $ended ]]; then __${name}_inner "\${starts[ended]}" "\${rests[ended]}"; else __${name}_offer --; fi
      ;;
  esac
}

_${name}() {
  COMPREPLY=()
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} words=() starts=() rests=() word blank i j
  # bash also parts words at = and :, as in --region=in. Here they are whole again, up to the cursor; \`starts\` keeps bash's own numbers.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=\${line%%[![:space:]]*}
    line=\${line:\${#blank}}
    word=\${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$line
    if [[ -z $blank ]] && ((i > 0)); then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word") starts+=("$i") rests+=("$line")
    fi
    line=\${line:\${#word}}
  done

  local command='' flag='' ended='' count=0 given=' ' redirection='^([0-9]*|&)[<>]'
  local kind choices commands flags
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ -n $flag ]]; then
      flag=''
    elif [[ $word =~ $redirection ]]; then
      # The file that it wants is read over like the value of a flag.
      [[ $word == *[\\<\\>\\|] ]] && flag='>'
    elif [[ -n $ended ]]; then
      ((count++))
    elif [[ $word == -- ]]; then
      ended=$((i + 1))
    elif [[ $word == --* ]]; then
      given+="\${word%%=*} "
      [[ $word != *=* ]] && __${name}_value "$command" "$word" && flag=$word
    elif [[ $word == -?* ]]; then
      # -qd calls: all but the last letter are switches. -dcalls: the value stands behind its letter.
      for ((j = 1; j < \${#word}; j++)); do
        given+="-\${word:j:1} "
        if __${name}_value "$command" "-\${word:j:1}"; then
          ((j == \${#word} - 1)) && flag=-\${word:j:1}
          break
        fi
      done
    elif ((count > 0)) || ! __${name}_step "$command" "$word"; then
      ((count++))
    fi
  done

  local typed=\${words[i]} before=''
  if [[ -z $flag && $typed =~ $redirection ]]; then
    flag='>' typed=\${typed##*[\\<\\>]}
  elif [[ -z $flag && -z $ended && $typed == --*=* ]]; then
    flag=\${typed%%=*}
    typed=\${typed#*=}
    [[ $COMP_WORDBREAKS == *=* ]] || before=$flag=
  elif [[ -z $flag && -z $ended && $typed == -* ]]; then
    __${name}_flags
    return
  fi
  typed=\${typed#[\\'\\"]}
  if [[ $flag == '>' ]]; then
    kind=file
  elif [[ -n $flag ]]; then
    __${name}_value "$command" "$flag" || return
  else
    __${name}_command "$command"
    [[ -z $ended ]] && ((count == 0)) && __${name}_offer "\${commands[@]}"
    __${name}_value "$command" "<$count>" || __${name}_value "$command" '<*>' || return
  fi
  __${name}_propose
}
`;
}
