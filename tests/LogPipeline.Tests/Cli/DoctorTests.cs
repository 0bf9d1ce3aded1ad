using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Options;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Cli.Doctor;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.DeadLetters;

namespace LogPipeline.Tests.Cli;

/// <summary>One thing at a time is wrong with a set-up in which all else is right: that one is named, and nothing else.</summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class DoctorTests(DoctorFixture fixture) : IClassFixture<DoctorFixture>, IDisposable
{
    readonly TempDirectory _folder = new();
    readonly ProcessEnvironment _environment = new();
    readonly List<IDisposable> _held = [];

    public void Dispose()
    {
        foreach (var one in _held) one.Dispose();
        _environment.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task OfASetUpThatIsRightNothingIsWrong()
    {
        var (code, checks) = await RunAsync();
        checks.Values.Where(check => check.State is not ("ok" or "skipped")).ShouldBeEmpty();
        code.ShouldBe(0);
        checks.Keys.ShouldBe(["Configuration", "Directory", "Disk", "Spool", "Keys", "Certificates", "Port", "Worker", "Canary",
            "Dead letters", "DNS", "TCP", "TLS", "Server", "Namespace", "Waiting", "Pollers", "Batch", "Clock", "Loki"]);
        checks["Batch"].Found.ShouldContain("is written by ");
        checks["Clock"].State.ShouldBe("ok");
    }

    public static TheoryData<string, string, string, string> Wrong => new()
    {
        // The variables that are wrong; the check; what was found; what to do.
        { "TEMPORAL_ADDRESS=NOBODY", "TCP", "Nothing answers at NOBODY", "Start Temporal there" },
        { "TEMPORAL_ADDRESS=no-such-host.invalid:7233", "DNS", "No host named 'no-such-host.invalid'", "Correct the host" },
        { "TEMPORAL_NAMESPACE=nowhere", "Namespace", "has no namespace 'nowhere'", "temporal operator namespace create" },
        { "TEMPORAL_ADDRESS=ENCRYPTED TEMPORAL_TLS_SERVER_CA_CERT_PATH=AUTHORITY TEMPORAL_API_KEY=another-key", "Server", "denies access",
            "Check TEMPORAL_API_KEY" },
        { "TEMPORAL_TLS=true", "TLS", "No TLS with ", "TEMPORAL_TLS=false" },
        { "TEMPORAL_ADDRESS=ENCRYPTED", "Server", "closed the connection without an answer", "set TEMPORAL_TLS=true" },
        { "LOG_ENCRYPTION_KEYS=other:OTM4NDc1NjM4OTBhYmNkZWYwMTIzNDU2Nzg5YWJjZGU=", "Batch", "key 'other'", "the same keys" },
        { "LOG_TASK_QUEUE=nobodys", "Pollers", "Nobody polls the task queue nobodys", "Start 'logworker'" },
        { "LOG_FREE_BYTES_MIN=524288GiB", "Disk", "(LOG_FREE_BYTES_MIN)", "Make room" },
        { "LOG_LOKI_URL=http://NOBODY", "Loki", "cannot be reached", "Start Loki there" },
        { "LOG_LOKI_URL=REFUSING", "Loki", "answered 401: no org id Look at LOG_LOKI_TENANT", "Correct the variable" },
        { "LOG_HTTP_PORT=TAKEN", "Port", "is taken by a program that is no worker", "ss -ltnp" },
        { "LOG_HTTP_PORT=REFUSINGPORT", "Port", "is taken by a program that is no worker", "LOG_HTTP_PORT to another port" },
        { "LOG_DIRECTORY=TEMP/other", "Worker", "and not to TEMP/other", "belong together" },
        { "LOG_DIRECTORY=TEMP/file", "Directory", "is a file", "Set LOG_DIRECTORY to a directory" },
        { "LOG_SPOOL_DIRECTORY=TEMP/file", "Spool", "is a file", "Set LOG_SPOOL_DIRECTORY to a directory" },
        { "LOG_HTTP_CERTIFICATE_FILE=EXPIRED LOG_HTTP_KEY_FILE=EXPIREDKEY LOG_HTTP_PORT=ANYPORT", "Certificates",
            "has expired on", "Renew it" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task WhatIsWrongIsNamedWithWhatToDo(string variables, string name, string found, string next)
    {
        foreach (var variable in variables.Split(' ')) Set(variable);
        var (code, checks) = await RunAsync();
        var check = checks[name];
        check.State.ShouldBe("failed", check.Found);
        check.Found.ShouldContain(Filled(found));
        check.Next.ShouldNotBeNull().ShouldContain(next);
        code.ShouldBe(1);
        // A worker for another directory is found to be none for this one, and nothing else goes wrong with it.
        checks.Where(one => one.Value.State == "failed").Select(one => one.Key).ShouldBe(
            variables.Contains("file", StringComparison.Ordinal) && name == "Directory" ? [name, "Worker"] : [name], ignoreOrder: true);
    }

    [Fact]
    public async Task AllThatIsWrongWithTheConfigurationIsNamedAtOnceAndTheWayIsLookedAtAllTheSame()
    {
        Set("LOG_HTTP_PORT=x");
        Set("LOG_LEVEL=loud");
        var (code, all) = await ReportAsync();
        code.ShouldBe(78);
        all.Where(check => check.Name == "Configuration").Select(check => check.Found.Split(' ')[0])
            .ShouldBe(["LOG_HTTP_PORT", "LOG_LEVEL"], ignoreOrder: true);
        all.Single(check => check.Name == "Batch").State.ShouldBe("ok");
    }

    [Fact]
    public async Task AKeyFileThatIsMissingIsAMatterOfConfiguration()
    {
        Set("LOG_ENCRYPTION_KEYS=");
        Set("LOG_ENCRYPTION_KEYS_FILE=TEMP/no-keys");
        var (code, all) = await ReportAsync();
        code.ShouldBe(78);
        all.ShouldHaveSingleItem().Found.ShouldBe(
            $"LOG_ENCRYPTION_KEYS_FILE was '{_folder.File("no-keys")}'; use a file that this user may read (Could not find file "
            + $"'{_folder.File("no-keys")}').");
    }

    [SkippableFact]
    public async Task ADirectoryThatIsReadOnlyIsNamed()
    {
        using var disk = MountedDisk.OfBytes(64 << 20);
        Directory.CreateDirectory(disk.File("logs"));
        disk.MakeReadOnly(disk.File("logs"));
        Set($"LOG_DIRECTORY={disk.File("logs")}");
        var (code, checks) = await RunAsync();
        checks["Directory"].ShouldBe(("failed", $"{disk.File("logs")} cannot be written by user {CurrentUser.Name}: Read-only file system.",
            "Mount it for writing, or set LOG_DIRECTORY to a directory that can be written."));
        code.ShouldBe(1);
    }

    [SkippableFact]
    public async Task ADiskThatIsNearlyFullIsNamed()
    {
        using var disk = MountedDisk.OfBytes(2 << 20);
        Set($"LOG_DIRECTORY={disk.File("logs")}");
        var (_, checks) = await RunAsync();
        checks["Disk"].State.ShouldBe("warning");
        checks["Disk"].Found.ShouldEndWith("file system tmpfs: soon full.");
        disk.Fill();
        (_, checks) = await RunAsync();
        checks["Disk"].State.ShouldBe("failed");
        checks["Disk"].Found.ShouldStartWith("0.0 MiB of 2.0 MiB free, 1MiB are kept so");
    }

    [Fact]
    public async Task AnotherWorkerThatAnswersDoesNotHideTheOneThatHasTheDirectory()
    {
        Directory.CreateDirectory(_folder.File("owned"));
        using var owner = new PhysicalDirectory(_folder.File("owned")).Own("another");
        Set("LOG_DIRECTORY=TEMP/owned");
        var (code, checks) = await RunAsync();
        checks["Worker"].State.ShouldBe("warning");
        checks["Worker"].Found.ShouldStartWith($"A worker has {_folder.File("owned")}; it does not answer");
        code.ShouldBe(0);
    }

    [Fact]
    public async Task DeadLettersAreNamed()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        new DeadLetterBox(() => new PhysicalDirectory(_folder.File("letters")), 1 << 20)
            .Write(BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch));
        Set("LOG_DEAD_LETTER_DIRECTORY=TEMP/letters");
        var (code, checks) = await RunAsync();
        checks["Dead letters"].ShouldBe(("warning", $"1 in {_folder.File("letters")}; the first: a reason",
            "Look at them with 'logworker dead-letters list', then retry or purge them."));
        code.ShouldBe(0);
    }

    [Theory]
    [InlineData(600, "ahead of")]
    [InlineData(-600, "behind")]
    public async Task AClockThatIsOffIsNamed(int seconds, string how)
    {
        using var loki = new SomeHttpServer(422, "error at least one valid stream is required for ingestion");
        var settings = new WorkerSettings(new Dictionary<string, string>(fixture.Variables) { ["LOG_LOKI_URL"] = loki.Address }, null);
        var results = await DoctorChecks.RunAsync(settings, new OffTime(TimeSpan.FromSeconds(seconds))).ToListAsync();
        var failed = results.Where(result => result.HasFailed).ToList();
        failed.Select(result => result.Name).ShouldBe(["Clock", "Loki's clock"]);
        failed[0].Found.ShouldBe($"This machine's clock is 600 s {how} Temporal's.");
        failed[1].Found.ShouldMatch($"This machine's clock is (599|600) s {how} Loki's.");
    }

    [Fact]
    public async Task ASecretOfTheSettingsIsInNoResult()
    {
        const string secret = "a-login-that-nobody-may-see";
        using var loki = new SomeHttpServer(401, $"no such login: {secret}");
        Set($"LOG_LOKI_URL={loki.Address}");
        Set($"LOG_LOKI_TOKEN={secret}");
        var (_, checks) = await RunAsync();
        checks["Loki"].Found.ShouldContain("no such login: (secret)");
    }

    [Fact]
    public async Task OneCheckThatDoesNotEndEndsWithItsTimeAndTheOthersGoOn()
    {
        SetupCheck[] checks =
        [
            new("Slow", async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return null!;
            }) { TimeMax = TimeSpan.FromMilliseconds(50) },
            new("Broken", _ => throw new InvalidOperationException("oh")), SetupCheck.Of("Well", () => CheckResult.Ok("Well", "fine")),
        ];
        (await SetupCheck.RunAllAsync(checks, default).Select(result => (result.Name, result.State, result.Found)).ToListAsync()).ShouldBe(
        [
            ("Slow", CheckState.Failed, "It could not be checked: no end within 0 s."),
            ("Broken", CheckState.Failed, "It could not be checked: oh."), ("Well", CheckState.Ok, "fine"),
        ]);
    }

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(-2, "Ok")]
    [InlineData(3, "Warning")]
    [InlineData(-60, "Warning")]
    [InlineData(61, "Failed")]
    public void ClocksMayDifferALittle(int seconds, string state)
    {
        var before = Some.Instant;
        var ahead = ClockCheck.AheadBy(before, before.AddSeconds(-seconds), before);
        ahead.ShouldBe(TimeSpan.FromSeconds(seconds));
        ClockCheck.Judge("Clock", "Temporal", ahead).State.ToString().ShouldBe(state);
        ClockCheck.AheadBy(before, before.AddSeconds(1), before.AddSeconds(2)).ShouldBe(TimeSpan.Zero, "It was on the way.");
    }

    void Set(string assignment)
    {
        var (name, value) = (assignment[..assignment.IndexOf('=')], Filled(assignment[(assignment.IndexOf('=') + 1)..]));
        _given[name] = value;
    }

    readonly Dictionary<string, string> _given = [];
    readonly Lazy<(string CertificateFile, string KeyFile)> _expired =
        new(() => fixture.Certificates.Server("old", DateTimeOffset.UtcNow.AddDays(-1)));
    readonly string _nobody = $"127.0.0.1:{FreePort.Next()}";

    string Filled(string text)
    {
        if (text.Contains("REFUSING", StringComparison.Ordinal))
        {
            var refusing = new SomeHttpServer(401, "no org id");
            _held.Add(refusing);
            text = text.Replace("REFUSINGPORT", $"{refusing.Port}", StringComparison.Ordinal).Replace("REFUSING", refusing.Address,
                StringComparison.Ordinal);
        }
        if (text == "TAKEN")
        {
            var silent = new TcpListener(IPAddress.Loopback, 0);
            silent.Start();
            _held.Add(silent);
            text = $"{((IPEndPoint)silent.LocalEndpoint).Port}";
        }
        if (text == "TEMP/file") File.WriteAllText(_folder.File("file"), "");
        return text.Replace("NOBODY", _nobody, StringComparison.Ordinal).Replace("TEMP/", $"{_folder.Path}/", StringComparison.Ordinal)
            .Replace("ENCRYPTED", fixture.TlsAddress, StringComparison.Ordinal)
            .Replace("AUTHORITY", fixture.Certificates.AuthorityFile, StringComparison.Ordinal)
            .Replace("ANYPORT", $"{FreePort.Next()}", StringComparison.Ordinal)
            .Replace("EXPIREDKEY", _expired.Value.KeyFile, StringComparison.Ordinal)
            .Replace("EXPIRED", _expired.Value.CertificateFile, StringComparison.Ordinal);
    }

    async Task<(int Code, Dictionary<string, (string State, string Found, string? Next)> Checks)> RunAsync()
    {
        var (code, checks) = await ReportAsync();
        return (code, checks.ToDictionary(check => check.Name, check => (check.State, check.Found, check.Next)));
    }

    async Task<(int Code, List<CheckAnswer> Checks)> ReportAsync()
    {
        foreach (var (name, value) in fixture.Variables) _environment.Set(name, value);
        foreach (var (name, value) in _given) _environment.Set(name, value);
        var output = new StringWriter();
        var code = await LogWorkerCommand.RunAsync(["doctor", "--json"], output);
        var answer = JsonNode.Parse(output.ToString())!;
        answer["ok"]!.GetValue<bool>().ShouldBe(code == 0);
        return (code, [.. answer["checks"]!.AsArray().Select(check => new CheckAnswer(check!["name"]!.GetValue<string>(),
            check["state"]!.GetValue<string>(), check["found"]!.GetValue<string>(), check["next"]?.GetValue<string>()))]);
    }

    /// <summary>The system's clock, set by somebody.</summary>
    sealed class OffTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
