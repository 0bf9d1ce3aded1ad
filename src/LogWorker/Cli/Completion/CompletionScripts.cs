namespace LogPipeline.Worker.Cli.Completion;

// Each asks the program itself, by System.CommandLine's directive [suggest:POSITION], what can stand at the end of the line: so a
// script need not be made anew when the program is. Where it names nothing the shell completes file names.

/// <summary>What each shell runs to complete a command line of <c>logworker</c>.</summary>
static class CompletionScripts
{
    /// <summary>By the shell's name.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = PowerShell,
    };

    const string Bash = """
        # bash completion for logworker
        _logworker() {
            local line="${COMP_LINE:0:COMP_POINT}"
            line="logworker${line#"$1"}"
            local word="${line##* }" typed="$2"
            # --option=value is asked for as --option value.
            if [[ $word == --*=* ]]; then
                line="${line%"$word"}${word%%=*} ${word#*=}"
                typed="${word#*=}"
                [[ $COMP_WORDBREAKS == *=* ]] || local before="${word%%=*}="
            fi
            local found
            found="$("$1" "[suggest:${#line}]" "$line" 2>/dev/null)"
            COMPREPLY=()
            while IFS= read -r word; do
                if [[ -n $word && $word == "$typed"* ]]; then COMPREPLY+=("${before-}$word"); fi
            done <<< "$found"
        }
        complete -o default -F _logworker logworker
        """;

    const string Zsh = """
        #compdef logworker
        # zsh completion for logworker
        _logworker() {
            local line="logworker ${(j: :)words[2,CURRENT-1]}"
            local word="$PREFIX"
            if (( CURRENT > 2 )); then line="$line "; fi
            # --option=value is asked for as --option value.
            if [[ $word == --*=* ]]; then
                line="$line${word%%=*} "
                compset -P '*='
                word="$PREFIX"
            fi
            line="$line$word"
            local -a found
            found=(${(f)"$("$words[1]" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            if (( $#found )); then compadd -- $found; else _files; fi
        }
        if [[ "$funcstack[1]" == _logworker ]]; then _logworker "$@"; else compdef _logworker logworker; fi
        """;

    const string Fish = """
        # fish completion for logworker
        function __logworker_complete
            set -l words (commandline -opc)
            set -l typed (commandline -ct)
            set -l before ''
            # --option=value is asked for as --option value.
            if string match -q -- '--*=*' "$typed"
                set before (string replace -r '=.*' '=' -- "$typed")
                set words $words (string replace -r '=.*' '' -- "$typed")
                set typed (string replace -r '^[^=]*=' '' -- "$typed")
            end
            set -l line (string join ' ' -- logworker $words[2..-1] "$typed")
            set -l found ($words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            set found (string match -- "$typed*" $found)
            if set -q found[1]
                printf '%s\n' $before$found
            else
                __fish_complete_path "$typed"
            end
        end
        complete -c logworker -f -a '(__logworker_complete)'
        """;

    const string PowerShell = """
        # PowerShell completion for logworker
        Register-ArgumentCompleter -Native -CommandName logworker -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition } | ForEach-Object { $_.ToString() })
            $program = $words[0]
            $words[0] = 'logworker'
            $line = $words -join ' '
            if (-not $wordToComplete) { $line += ' ' }
            & $program "[suggest:$($line.Length)]" $line 2>$null | Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;
}
