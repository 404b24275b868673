/**
 * The part of the fish script that reads the line before the cursor.
 *
 * @param tool the tool's name
 * @param name the same as a part of a function's name
 */
export function fishReader(tool: string, name: string): string {
  return `# Whether the words before the cursor lead to the command $argv[1], and to this place behind it: \`command\` (where the name of a command
# can stand), \`flag\`, \`operand N\` (the operand of this number is next, counted from 0), \`from N\` (that one or a later one).
function __${name}_at
    set -l command ''
    set -l next ''
    set -l awaited no
    set -l ended no
    set -l operands 0
    set -l tokens (commandline -opc)
    set -e tokens[1]
    for token in $tokens
        if test $awaited = yes
            set awaited no
        else if test $ended = yes
            set operands (math $operands + 1)
        else if test "x$token" = x--
            set ended yes
        else if string match -qr -- '^--' $token
            if __${name}_takes_value "$command" $token
                set awaited yes
            end
        else if string match -qr -- '^-.' $token
            # -qd calls: all but the last letter are switches. -dcalls: the value stands behind its letter.
            set -l letters (string split '' -- (string sub -s 2 -- $token))
            for i in (seq (count $letters))
                if __${name}_takes_value "$command" -$letters[$i]
                    test $i -eq (count $letters); and set awaited yes
                    break
                end
            end
        else if test $operands -eq 0; and set next (__${name}_step "$command" $token)
            set command $next
        else
            set operands (math $operands + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    switch $argv[2]
        case command
            test $ended = no -a $operands -eq 0
        case flag
            test $ended = no
        case operand
            test $operands -eq $argv[3]
        case from
            test $operands -ge $argv[3]
    end
end

function __${name}_profiles
    command ${tool} completion profiles </dev/null 2>/dev/null
end

# Proposes what can stand in another command, which begins behind the first --.
function __${name}_inner
    set -l tokens (commandline -opc)
    if set -l at (contains -i -- -- $tokens)
        set -e tokens[1..$at]
        complete -C (string join ' ' -- (string escape -- $tokens) (commandline -ct))
    else
        echo --
    end
end`;
}
