using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Cli;

/// <summary>In a container a program may run as a user that has a number and neither name nor home.</summary>
public sealed class NamelessUserTests : IDisposable
{
    static readonly string Program = typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location;

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("--once", "The log directory ", " cannot be used by user uid 54321: ")]
    [InlineData("send", "SpoolDirectory was ", "; set LOG_SPOOL_DIRECTORY to a directory where this user may write.")]
    public async Task AMessageNamesItsNumberAndWhatWouldDo(string verb, string begin, string part)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "Only root may act as another.");
        await using var run = await ChildProcess.RunAsync("env",
            ["-u", "HOME", "setpriv", "--reuid", "54321", "--clear-groups", "dotnet", Program, verb],
            new Dictionary<string, string> { ["LOG_DIRECTORY"] = _folder.File("logs"), ["DOTNET_CLI_HOME"] = "/tmp" }, input: "x\n");
        run.Errors.ShouldStartWith(begin);
        run.Errors.ShouldContain(part);
        run.ExitCode.ShouldBeOneOf(1, 78);
    }
}
