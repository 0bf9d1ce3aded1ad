using System.Diagnostics;
using System.Runtime.Versioning;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Tests.Publisher;

/// <summary>What others have put into a spool that they share: it stops no application, and is not sent.</summary>
[SupportedOSPlatform("linux")]
public sealed class HostileSpoolTests : IDisposable
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    static readonly SpoolDestination Clinic = new("temporal:7233", "clinic", "log-processing-queue", null);

    readonly TempDirectory _folder = new();
    readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(Intruder.Pipe)]
    [InlineData(Intruder.Link)]
    [InlineData(Intruder.LinkToAPipe)]
    [InlineData(Intruder.Socket)]
    public async Task AnApplicationStartsWhateverHasTheNameOfAFileInItsDirectories(Intruder intruder)
    {
        foreach (var name in (string[])["0/owner", "1/owner", "destination.new", "refused"]) Put(intruder, name);
        Put(intruder, $"{new SpoolDestination("other", "o", "q", null).DirectoryName}", Spool);
        await WithStore(store =>
        {
            store.OwnDirectory.Path.ShouldBe(Own("2"));
            store.Adopt(first: true, _said.Add).ShouldBe((0, 0));
            store.TrySetAside(SomeFrozen.Batch(1)).ShouldBeNull();
            store.Append(SomeQueued.Records(1, 3), tried: null).Count.ShouldBe(3);
        });
        _said.ShouldContain(text => text.Contains("is passed over") && text.Contains(Own("0")));
    }

    [SkippableTheory]
    [InlineData(Intruder.Pipe, ".records")]
    [InlineData(Intruder.Link, ".records")]
    [InlineData(Intruder.Socket, ".records")]
    [InlineData(Intruder.Pipe, ".bookmark")]
    [InlineData(Intruder.Link, ".bookmark")]
    [InlineData(Intruder.Pipe, FrozenBatchFile.Suffix)]
    [InlineData(Intruder.Link, FrozenBatchFile.Suffix)]
    public async Task AJournalOfWhatIsNoFileIsLeftAndTheOthersAreSent(Intruder intruder, string suffix)
    {
        Leave();
        var name = suffix switch
        {
            ".records" => "orders~evil~000001.records",
            ".bookmark" => "orders~evil.bookmark",
            _ => "orders" + FrozenBatchFile.Suffix,
        };
        Put(intruder, $"0/{name}");
        Put(intruder, $"3/{name}");
        await WithStore(store =>
        {
            store.Adopt(first: true, _said.Add).ShouldBe((3, 0));
            JournalRig.SequencesIn(store.Next(_ => null, (_, _) => { })!).ShouldBe([1, 2, 3]);
            var said = _said.Count;
            store.Adopt(first: false, _said.Add).ShouldBe((0, 0));
            _said.Count.ShouldBe(said);
        });
        _said.Count(text => text.Contains("is left as it is")).ShouldBe(2);
    }

    [SkippableTheory]
    [InlineData("chmod", "0777", "0")]
    [InlineData("chmod", "0666", "0/orders~20261121T080000-1~000002.records")]
    [InlineData("chown", "12345", "0")]
    [InlineData("chown", "12345", "0/owner")]
    [InlineData("chown", "12345", "0/orders~20261121T080000-1~000002.records")]
    public async Task WhatOthersMayHaveWrittenIsNotSent(string program, string argument, string name)
    {
        Skip.IfNot(program == "chmod" || Environment.IsPrivilegedProcess, "Only root can give a file away.");
        Leave();
        Run(program, argument, Own(name));
        await WithStore(store =>
        {
            store.Adopt(first: true, _said.Add).ShouldBe((0, 0));
            store.HasBatches.ShouldBeFalse();
            store.Append(SomeQueued.Records(1, 3), tried: null).Count.ShouldBe(3);
        });
        var why = program == "chmod" ? "Every user may write" : "belongs to another user";
        _said.ShouldHaveSingleItem().ShouldContain(why);
    }

    [SkippableTheory]
    [InlineData("link")]
    [InlineData("file")]
    [InlineData("pipe")]
    [InlineData("another user's")]
    [InlineData("writable by all")]
    public async Task AnApplicationWhoseFolderOthersHaveTakenMakesAnother(string what)
    {
        var folder = Path.Combine(Spool, Clinic.DirectoryName);
        Directory.CreateDirectory(Spool);
        var elsewhere = Directory.CreateDirectory(_folder.File("elsewhere")).FullName;
        switch (what)
        {
            case "link": Directory.CreateSymbolicLink(folder, elsewhere); break;
            case "file": await File.WriteAllTextAsync(folder, "x"); break;
            case "pipe": Intruders.Put(Intruder.Pipe, folder); break;
            case "writable by all": Run("mkdir", "-m", "0777", folder); break;
            default:
                Skip.IfNot(Environment.IsPrivilegedProcess, "Only root can give a directory away.");
                Directory.CreateDirectory(folder);
                Run("chown", "12345", folder);
                break;
        }
        string? own = null;
        await WithStore(store =>
        {
            own = store.Path;
            store.Append(SomeQueued.Records(1, 3), tried: null).Count.ShouldBe(3);
            store.Adopt(first: true, _said.Add);
        });
        own.ShouldNotBe(folder);
        if (Directory.Exists(folder)) _said.ShouldHaveSingleItem().ShouldContain(folder);
        Directory.GetFileSystemEntries(elsewhere).ShouldBeEmpty();
        // The next process has the same one, and sends what is there.
        await WithStore(store =>
        {
            store.Path.ShouldBe(own);
            store.Adopt(first: true, _said.Add).ShouldBe((3, 0));
        }, "8");
    }

    [SkippableTheory]
    [InlineData(Intruder.Pipe)]
    [InlineData(Intruder.Link)]
    [InlineData(Intruder.DanglingLink)]
    [InlineData(Intruder.Socket)]
    public async Task AFinalFileIsOnesOwn(Intruder intruder)
    {
        Directory.CreateDirectory(_folder.File("fallback"));
        Intruders.Put(intruder, _folder.File("fallback", "orders.i1.2026-11-21.001.clef"));
        await Task.Run(() =>
        {
            using var files = new FinalFiles(_folder.Path, "orders", "i1", 1 << 20, new TestClock());
            files.Append(SomeQueued.Records(1)).ShouldBe((3, default, null));
        }).WaitAsync(Soon);
        File.ReadAllLines(_folder.File("fallback", "orders.i1.2026-11-21.002.clef")).Length.ShouldBe(3);
        if (intruder == Intruder.Link)
            File.ReadAllText(_folder.File("fallback", "orders.i1.2026-11-21.001.clef")).ShouldBe("another's");
        File.Exists(_folder.File("fallback", "orders.i1.2026-11-21.001.clef.missing")).ShouldBeFalse();
    }

    string Spool => _folder.File("spool");

    string Own(string name) => Path.Combine(Spool, Clinic.DirectoryName, name);

    void Put(Intruder intruder, string name, string? under = null)
    {
        var path = under is null ? Own(name) : Path.Combine(under, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, (UnixFileMode)0b111_000_000);
        Intruders.Put(intruder, path);
    }

    async Task WithStore(Action<SpoolStore> act, string run = "9") => await Task.Run(() =>
    {
        using var store = Open(run);
        act(store);
    }).WaitAsync(Soon);

    void Leave()
    {
        using var earlier = Open("1");
        earlier.Append(SomeQueued.Records(1, 3), tried: null).Count.ShouldBe(3);
    }

    SpoolStore Open(string run) =>
        new(new SpoolRoot(new PhysicalDirectory(Spool, isPrivate: true), Clinic, KeyRing.Empty, "orders"),
            new JournalName("orders", $"20261121T080000-{run}"), "test",
            SomeFormatter.Of(new TemporalSinkOptions(), "20261121T080000-9"));

    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }
}
