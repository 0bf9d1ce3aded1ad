using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;

namespace LogPipeline.Tests.Worker;

/// <summary>What other programs do to the log directory while the worker writes there.</summary>
public sealed class ExternalChangeTests : IDisposable
{
    const string First = "2026-11-21.001.clef";
    const string Second = "2026-11-21.002.clef";

    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly TempDirectory _directory = new();
    readonly WriterRecorder _events = new();

    string Logs => _directory.File("logs");
    StoreDirectory Root => new PhysicalDirectory(Logs);

    public void Dispose() => _directory.Dispose();

    LogWriter Start(LogWriterOptions? options = null)
    {
        var writer = new LogWriter(Root, options ?? new LogWriterOptions(), _time, _events);
        writer.Start();
        return writer;
    }

    VerifyReport Verify() => new Verifier(Root, new LogWriterOptions()).Run();

    [SkippableFact]
    public async Task ARemovedFileIsToldOnceAndWritingGoesOnInTheNext()
    {
        await using var writer = Start();
        var written = await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        File.Delete(Path.Combine(Logs, "app", First));
        for (var i = 2; i <= 4; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));

        SomeBatch.Sequences(Root, "app").ShouldBe([2, 3, 4]);
        var told = _events.Changed.ShouldHaveSingleItem();
        (told.File.FileName, told.Length, told.Found, told.Next.FileName).ShouldBe((First, written.Entry.Parts[0].Length, null, Second));
        OpenPaths().ShouldNotContain(path => path.Contains("(deleted)", StringComparison.Ordinal));
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Removed.ShouldBe(1));
        // What was written is written, also if somebody removed it.
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task AFileOfTheSameLengthThatIsAnotherIsLeftAlone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only on Linux a file is told from another of the same name.");
        await using var writer = Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        var path = Path.Combine(Logs, "app", First);
        File.Copy(path, path + ".copy");
        File.Move(path + ".copy", path, overwrite: true);
        var copy = await File.ReadAllTextAsync(path);
        await writer.WriteAsync(SomeBatch.Prepared(2, "app"));

        (await File.ReadAllTextAsync(path)).ShouldBe(copy);
        _events.Changed.ShouldHaveSingleItem().Next.FileName.ShouldBe(Second);
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(2));
    }

    [Fact]
    public async Task ARemovedChannelIsMadeAgain()
    {
        await using var writer = Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
        Directory.Delete(Path.Combine(Logs, "app"), recursive: true);
        await writer.WriteAsync(SomeBatch.Prepared(3, "app", "web"));
        SomeBatch.Files(Root).Keys.ShouldBe([$"app/{Second}", $"web/{First}"]);
        _events.Changed.ShouldHaveSingleItem().File.Channel.ShouldBe(ChannelName.Of("app"));
        Verify().IsClean.ShouldBeTrue();
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData(LedgerFiles.DirectoryName)]
    public async Task ARemovedLogDirectoryIsMadeAgainAndTakenAgain(string removed)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux lets a directory go that is in use.");
        await using var writer = Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        for (var round = 1; round <= 3; round++)
        {
            Directory.Delete(Path.Combine(Logs, removed), recursive: true);
            await writer.WriteAsync(SomeBatch.Prepared(2 * round, "app"));
            await writer.WriteAsync(SomeBatch.Prepared(2 * round + 1, "app"));
            _events.DirectoriesLost.Count.ShouldBe(round);
            SomeBatch.Sequences(Root, "app")
                .ShouldBe(removed.Length == 0 ? [2 * round, 2 * round + 1] : Enumerable.Range(1, 2 * round + 1).Select(i => (long)i));
            Verify().IsClean.ShouldBeTrue();
            var refused = Should.Throw<DirectoryOwnedException>(() => Start());
            refused.Message.ShouldContain($"pid {Environment.ProcessId} on {Environment.MachineName}");
        }
        _events.Failures.ShouldBeEmpty();
        OpenPaths().ShouldNotContain(path => path.Contains("(deleted)", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task ALinkInAChannelsPlaceIsNotFollowedAndItsRecordsGoToOverflow()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need privileges on Windows.");
        var elsewhere = Directory.CreateDirectory(_directory.File("elsewhere")).FullName;
        Directory.CreateDirectory(Logs);
        Directory.CreateSymbolicLink(Path.Combine(Logs, "app"), elsewhere);
        await File.WriteAllTextAsync(Path.Combine(Logs, "web"), "a file\n");
        await using var writer = Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web", "jobs"));
        await writer.WriteAsync(SomeBatch.Prepared(4, "app"));
        _events.Obstructed.Select(channel => channel.ToString()).ShouldBe(["app", "web"]);
        Directory.GetFileSystemEntries(elsewhere).ShouldBeEmpty();

        Directory.Delete(Path.Combine(Logs, "app"));
        await writer.WriteAsync(SomeBatch.Prepared(5, "app"));
        SomeBatch.Sequences(Root, "overflow").ShouldBe([1, 2, 4]);
        SomeBatch.Sequences(Root, "app").ShouldBe([5]);
        SomeBatch.Sequences(Root, "jobs").ShouldBe([3]);
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(5));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ALinkInAFilesPlaceIsNotFollowed(bool isDangling)
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need privileges on Windows.");
        var target = _directory.File("target");
        if (!isDangling) await File.WriteAllTextAsync(target, "a secret\n");
        Directory.CreateDirectory(Path.Combine(Logs, "app"));
        File.CreateSymbolicLink(Path.Combine(Logs, "app", First), target);
        await using var writer = Start(new LogWriterOptions { FileBytesMax = 1 });
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        File.CreateSymbolicLink(Path.Combine(Logs, "app", "2026-11-21.003.clef"), target);
        await writer.WriteAsync(SomeBatch.Prepared(2, "app"));

        if (isDangling) File.Exists(target).ShouldBeFalse();
        else (await File.ReadAllTextAsync(target)).ShouldBe("a secret\n");
        File.Exists(Path.Combine(Logs, "app", Second)).ShouldBeTrue();
        File.Exists(Path.Combine(Logs, "app", "2026-11-21.004.clef")).ShouldBeTrue();
    }

    [SkippableFact]
    public void ALinkInTheLedgersPlaceIsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need privileges on Windows.");
        Directory.CreateDirectory(Logs);
        Directory.CreateSymbolicLink(Path.Combine(Logs, LedgerFiles.DirectoryName),
            Directory.CreateDirectory(_directory.File("elsewhere")).FullName);
        Should.Throw<IOException>(() => Start()).Message.ShouldContain("symbolic link");
        Directory.GetFileSystemEntries(_directory.File("elsewhere")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task AFullFileIsClosedSoThatItsRoomIsFreeOnceItIsRemoved()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Open files are listed on Linux.");
        await using var writer = Start(new LogWriterOptions { FileBytesMax = 1 });
        for (var i = 1; i <= 3; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        OpenPaths().Where(path => path.EndsWith(".clef", StringComparison.Ordinal)).ShouldHaveSingleItem()
            .ShouldEndWith("2026-11-21.003.clef");
    }

    [SkippableFact]
    public async Task EverythingIsForOwnerAndGroupAlone()
    {
        if (!OperatingSystem.IsLinux()) throw new SkipException("The umask is read on Linux.");
        var umask = (UnixFileMode)Convert.ToInt32(File.ReadLines("/proc/self/status")
            .Single(line => line.StartsWith("Umask:", StringComparison.Ordinal)).Split(':')[1].Trim(), 8);
        await using (var writer = Start(new LogWriterOptions { FileBytesMax = 1 }))
        {
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
            await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
        }
        new FileCompressor(Root, 0).Run(TimeSpan.Zero, DateTimeOffset.MaxValue, default).Files.Count.ShouldBe(2);
        const UnixFileMode forFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        const UnixFileMode forDirectories = forFiles | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
        foreach (var path in Directory.GetFiles(Logs, "*", SearchOption.AllDirectories))
            File.GetUnixFileMode(path).ShouldBe(forFiles & ~umask, path);
        foreach (var path in Directory.GetDirectories(Logs, "*", SearchOption.AllDirectories).Append(Logs))
            File.GetUnixFileMode(path).ShouldBe(forDirectories & ~umask, path);
    }

    /// <summary>What this process has open in the log directory.</summary>
    List<string> OpenPaths() => OpenFiles.Under(Logs);
}
