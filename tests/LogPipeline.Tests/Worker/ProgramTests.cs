using System.Net;
using System.Net.Sockets;
using LogPipeline.TestSupport;
using TemporalDevServer;

namespace LogPipeline.Tests.Worker;

/// <summary>The program as its users meet it: a process, its words, and what it ends with.</summary>
public sealed class ProgramTests : IDisposable
{
    static readonly string[] Assembly = [typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location];

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // Port 1 is nobody's, so that no Temporal is ever found.
    Dictionary<string, string> Environment(params (string Name, string Value)[] more)
    {
        var environment =
            new Dictionary<string, string> { ["LOG_DIRECTORY"] = _directory.File("logs"), ["TEMPORAL_ADDRESS"] = "127.0.0.1:1" };
        foreach (var (name, value) in more) environment[name] = value;
        return environment;
    }

    ChildProcess Start(string[] arguments, params (string, string)[] more) =>
        ChildProcess.Start("dotnet", [.. Assembly, .. arguments], Environment(more), _directory.Path);

    async Task<ChildProcess> RunAsync(string[] arguments, params (string, string)[] more)
    {
        var process = Start(arguments, more);
        await process.EndAsync();
        return process;
    }

    [Fact]
    public async Task TheVersionNamesTheCommit()
    {
        await using var process = await RunAsync(["--version"]);
        process.Output.Trim().ShouldMatch("^logworker [0-9]+\\.[0-9]+\\.[0-9]+[^ ]* \\(commit ([0-9a-f]+|unknown)\\)$");
        process.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task AnUnknownOptionEndsWithTwo()
    {
        await using var process = await RunAsync(["--nope"]);
        process.Errors.ShouldContain("--nope");
        process.ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task WrongVariablesAreAllToldAndEndWithSeventyEight()
    {
        await using var process = await RunAsync(["--daemon"], ("LOG_FILE_BYTES_MAX", "huge"), ("TEMPORAL_ADDRESS", "nowhere"));
        process.Errors.Trim().Split('\n').ShouldBe(
        [
            "TEMPORAL_ADDRESS was 'nowhere'; use HOST:PORT, such as localhost:7233.",
            "LOG_FILE_BYTES_MAX was 'huge'; use a size from 1KiB to 1024GiB, such as 1048576, 512KiB or 64MiB.",
        ]);
        process.ExitCode.ShouldBe(78);
    }

    [Fact]
    public async Task ADirectoryThatCannotBeUsedEndsWithOne()
    {
        await File.WriteAllTextAsync(_directory.File("file"), "");
        await using var process = await RunAsync(["--daemon"], ("LOG_DIRECTORY", _directory.File("file", "logs")));
        process.Errors.Trim().ShouldStartWith($"The log directory {_directory.File("file", "logs")} cannot be used");
        process.ExitCode.ShouldBe(1);
    }

    [SkippableTheory]
    [InlineData("--daemon")]
    [InlineData("")]
    public async Task WithoutTemporalTheWorkerSaysSoOnceAndWaitsUntilItIsToldToStop(string argument)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        string[] arguments = argument.Length == 0 ? [] : [argument];
        await using var process = Start(arguments);
        await process.LineAsync(line => line.Contains("cannot be reached", StringComparison.Ordinal));

        await using (var second = await RunAsync(arguments))
        {
            second.Errors.ShouldContain($"in use by logworker, pid {process.Id} on ");
            second.ExitCode.ShouldBe(1);
        }

        process.Terminate();
        await process.EndAsync();
        process.ExitCode.ShouldBe(0, process.Everything);
        process.Output.Split('\n').Count(line => line.Contains("cannot be reached", StringComparison.Ordinal)).ShouldBe(1);
        process.Output.ShouldContain("Stopped: 0 batches");
    }

    [SkippableFact]
    public async Task SystemdIsToldThatTheWorkerIsReadyBeforeTemporalIsAndThatItStops()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no datagram sockets with a path.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Bind(new UnixDomainSocketEndPoint(_directory.File("notify")));
        await using var process = Start(["--daemon"], ("NOTIFY_SOCKET", _directory.File("notify")));

        Received(socket).ShouldBe("READY=1\nSTATUS=Connecting to Temporal at 127.0.0.1:1");
        Received(socket).ShouldContain("127.0.0.1:1");
        process.Terminate();
        Received(socket).ShouldBe("STOPPING=1\nSTATUS=Finishing what was taken");
        await process.EndAsync();
        process.ExitCode.ShouldBe(0, process.Everything);
    }

    [Theory]
    [InlineData("warning", "Worker ", "has no namespace")]
    [InlineData("critical", "has no namespace", "")]
    public async Task WhatIsUnderItsLevelTheWorkerDoesNotTell(string level, string untold, string told)
    {
        await using var server = await DevServer.StartAsync();
        await using var process = await RunAsync(
            ["--once"], ("LOG_LEVEL", level), ("TEMPORAL_ADDRESS", server.Address), ("TEMPORAL_NAMESPACE", "nowhere"));
        process.ExitCode.ShouldBe(1, process.Everything);
        process.Everything.ShouldNotContain(untold);
        process.Output.ShouldContain(told);
    }

    [Fact]
    public async Task ForAJournalEachLineBeginsWithItsPriority()
    {
        await using var process = Start(["--daemon"], ("JOURNAL_STREAM", "8:12345"));
        await process.LineAsync(line => line.Contains("cannot be reached", StringComparison.Ordinal));
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldAllBe(line => line.StartsWith("<6>") || line.StartsWith("<4>"));
        lines.Single(line => line.Contains("cannot be reached", StringComparison.Ordinal)).ShouldStartWith("<4>");
    }

    [Fact]
    public async Task APortThatIsTakenEndsWithOneAndASentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var process = await RunAsync(["--daemon"], ("LOG_HTTP_PORT", $"{port}"));
        process.Output.ShouldNotContain("   at ", Case.Sensitive, "A stack is no sentence.");
        process.Errors.Trim().ShouldBe($"The web application cannot listen on 127.0.0.1:{port}: Address already in use. "
            + "Set LOG_HTTP_PORT to a free port, or to off.");
        process.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task PortZeroIsAnyThatIsFreeWhichTheWorkerTells()
    {
        await using var process = Start(["--daemon"], ("LOG_HTTP_PORT", "0"));
        const string told = "codec endpoint are at ";
        var line = await process.LineAsync(line => line.Contains(told, StringComparison.Ordinal));
        var address = line[(line.IndexOf(told, StringComparison.Ordinal) + told.Length)..].Trim() + "healthz/live";
        using var http = new HttpClient();
        (await http.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task AnAddressThatIsNotThisMachinesEndsWithOneAndASentence()
    {
        // An address of the range that documents use.
        await using var process = await RunAsync(["--daemon"], ("LOG_HTTP_PORT", "8080"), ("LOG_HTTP_IP", "192.0.2.1"),
            ("LOG_HTTP_TOKEN", "sixteen--letters"));
        process.Errors.Trim().ShouldStartWith("The web application cannot listen on 192.0.2.1:8080: ");
        process.ExitCode.ShouldBe(1);
    }

    static string Received(Socket socket)
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
