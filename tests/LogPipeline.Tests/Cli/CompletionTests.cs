using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Cli;

/// <summary>What shells offer for a command line: the scripts are run by the shells themselves.</summary>
public sealed class CompletionTests : IDisposable
{
    const string Bash = """
        source "$SCRIPT"
        COMP_LINE="$LINE"; COMP_POINT=${#LINE}; word="${LINE##* }"; word="${word##*=}"
        _logworker logworker "$word" ""
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    // Its builtins work only where somebody types: they are replaced by what they are told.
    const string Zsh = """
        compdef() { }
        compset() { PREFIX="${PREFIX#*=}"; }
        compadd() { shift; for one in "$@"; do [[ $one == "$PREFIX"* ]] && print -r -- "$one"; done; }
        _files() { }
        source "$SCRIPT"
        words=("${(@s: :)LINE}"); CURRENT=$#words; PREFIX="$words[-1]"
        _logworker
        """;

    const string Fish = """
        function commandline
            set -l words (string split ' ' -- "$LINE")
            if test "$argv[1]" = -ct; echo -- $words[-1] | string replace -r '^-- ' ''; else; printf '%s\n' $words[1..-2]; end
        end
        source "$SCRIPT"
        __logworker_complete
        """;

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("logworker tai", "tail")]
    [InlineData("logworker dead-letters pur", "purge")]
    [InlineData("logworker tail --le", "--level")]
    [InlineData("logworker tail --level ", "debug error fatal info trace warning")]
    [InlineData("logworker send --timestamp ", "auto epoch iso8601 now rfc3164")]
    [InlineData("logworker status --output ", "json table")]
    [InlineData("logworker completion ", "--config --help -h bash fish pwsh zsh")]
    [InlineData("logworker nope --", "")]
    public async Task TheProgramNamesWhatCanStandThere(string line, string offered)
    {
        var said = new StringWriter();
        await LogWorkerCommand.RunAsync([$"[suggest:{line.Length}]", line], said, TextWriter.Null);
        var all = said.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        if (offered.Length > 0) string.Join(' ', all).ShouldBe(offered);
        all.ShouldNotContain("/h");
    }

    public static TheoryData<string, string, string> Lines()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var shell in (string[])["bash", "zsh", "fish"])
        {
            rows.Add(shell, "logworker ta", "tail");
            rows.Add(shell, "logworker tail --le", "--level");
            rows.Add(shell, "logworker tail --level w", "warning");
            rows.Add(shell, "logworker dead-letters pur", "purge");
        }
        rows.Add("bash", "logworker tail --level=w", "warning");
        rows.Add("zsh", "logworker tail --level=w", "warning");
        rows.Add("fish", "logworker tail --level=w", "--level=warning");
        return rows;
    }

    [SkippableTheory]
    [MemberData(nameof(Lines))]
    public async Task AShellOffersIt(string shell, string line, string offered)
    {
        Skip.IfNot(File.Exists($"/usr/bin/{shell}") || File.Exists($"/bin/{shell}"), $"There is no {shell}.");
        var script = new StringWriter();
        (await LogWorkerCommand.RunAsync(["completion", shell], script)).ShouldBe(0);
        await File.WriteAllTextAsync(_directory.File("script"), script.ToString());
        await File.WriteAllTextAsync(_directory.File("logworker"),
            $"#!/bin/sh\nexec dotnet '{typeof(LogWorkerOptions).Assembly.Location}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory.File("logworker"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = $"{_directory.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            ["SCRIPT"] = _directory.File("script"), ["LINE"] = line,
        };
        var body = shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
        await using var run = await ChildProcess.RunAsync(shell, ["-c", body], environment);
        run.Errors.ShouldBeEmpty();
        run.Output.Trim().ShouldBe(offered);
    }

    [Fact]
    public async Task AnUnknownShellIsSaid()
    {
        var errors = new StringWriter();
        (await LogWorkerCommand.RunAsync(["completion", "tcsh"], TextWriter.Null, errors)).ShouldBe(2);
        errors.ToString().Trim().ShouldBe("'tcsh' is no shell known here; use bash, zsh, fish or pwsh.");
    }

    [Fact]
    public async Task PowerShellHasAScriptToo()
    {
        var script = new StringWriter();
        (await LogWorkerCommand.RunAsync(["completion", "pwsh"], script)).ShouldBe(0);
        script.ToString().ShouldContain("Register-ArgumentCompleter -Native -CommandName logworker");
    }
}
