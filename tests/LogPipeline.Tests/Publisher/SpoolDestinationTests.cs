using System.Diagnostics;
using System.Runtime.Versioning;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Tests.Publisher;

/// <summary>What is meant for one destination never goes to another.</summary>
public sealed class SpoolDestinationTests : IDisposable
{
    const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    static readonly string Old = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    static readonly string New = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());
    static readonly KeyRing OldKey = KeyRing.Parse($"old:{Old}");
    static readonly KeyRing NewKey = KeyRing.Parse($"new:{New}");
    static readonly KeyRing BothKeys = KeyRing.Parse($"new:{New},old:{Old}");
    static readonly SpoolDestination Clinic = new("temporal:7233", "clinic", "log-processing-queue", "old");

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("temporal:7233", "clinic", "log-processing-queue", "old", "old", true, true)]
    [InlineData("TEMPORAL:7233", "clinic", "log-processing-queue", "old", "old", true, false)]
    [InlineData("temporal:7234", "clinic", "log-processing-queue", "old", "old", false, false)]
    [InlineData("temporal:7233", "Clinic", "log-processing-queue", "old", "old", false, false)]
    [InlineData("temporal:7233", "clinic", "log-processing-queue-2", "old", "old", false, false)]
    [InlineData("temporal:7233", "clinic", "log-processing-queue", "old", "new,old", true, false)]
    [InlineData("temporal:7233", "clinic", "log-processing-queue", "old", "new", false, false)]
    [InlineData("temporal:7233", "clinic", "log-processing-queue", "old", "", false, false)]
    [InlineData("temporal:7233", "clinic", "log-processing-queue", null, "old", true, false)]
    public void OnlyWhatGoesToTheSamePlaceNoLessProtectedIsAdopted(string address, string @namespace, string queue, string? key,
        string ring, bool adopts, bool isSameFolder)
    {
        var keys = ring switch { "old" => OldKey, "new" => NewKey, "" => KeyRing.Empty, _ => BothKeys };
        var own = Clinic with { KeyId = keys.EncryptingId };
        var other = new SpoolDestination(address, @namespace, queue, key);
        own.Adopts(other, keys).ShouldBe(adopts);
        (other.DirectoryName == own.DirectoryName).ShouldBe(isSameFolder);
    }

    [Fact]
    public void AProgramLeavesTheRecordsOfAnotherDestinationAndSaysSo()
    {
        Leave(Clinic, OldKey, 3);
        var said = new List<string>();
        using (var other = Open(Clinic with { Address = "elsewhere:7233", KeyId = null }, KeyRing.Empty))
        {
            other.Adopt(first: true, said.Add).ShouldBe((0, 0));
            var folder = other.ForOthers().ShouldHaveSingleItem();
            folder.ShouldContain(Clinic.DirectoryName);
            folder.ShouldContain("namespace clinic at temporal:7233, queue log-processing-queue, key old");
        }
        said.ShouldBeEmpty();
        using var same = Open(Clinic, OldKey);
        same.ForOthers().ShouldBeEmpty();
        same.Adopt(first: true, said.Add).ShouldBe((3, 0));
        JournalRig.SequencesIn(same.Next(_ => null, (_, _) => { })!).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void WhatIsAdoptedIsToldWithTheFolderInWhichItLay()
    {
        var own = Clinic with { KeyId = "new" };
        Leave(Clinic, OldKey, 3);
        Leave(own, BothKeys, 2);
        using var next = Open(own, BothKeys);
        var found = new List<(string Folder, long Records)>();
        next.Adopt(first: true, _ => { }, (folder, records) => found.Add((folder, records))).ShouldBe((5, 0));
        found.ShouldBe([(Folder(own), 2), (Folder(Clinic), 3)], ignoreOrder: true);
    }

    [Fact]
    public void WhatAnOlderKeyEncryptedIsSentByAProcessWithTheNewOneToo()
    {
        Leave(Clinic, OldKey, 3);
        using var next = Open(Clinic with { KeyId = "new" }, BothKeys);
        next.Adopt(first: true, _ => { }).ShouldBe((3, 0));
        JournalRig.SequencesIn(next.Next(_ => null, (_, _) => { })!).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void WhatLiesInTheSpoolIsReadableOnlyWithTheKey()
    {
        Leave(Clinic, OldKey, 3);
        Leave(Clinic with { KeyId = null }, KeyRing.Empty, 3);
        IndexOf(Folder(Clinic), "\"@t\"").ShouldBe(-1);
        IndexOf(Folder(Clinic with { KeyId = null }), "\"@t\"").ShouldBeGreaterThan(0);
    }

    [Fact]
    public void AJournalWhoseKeyIsMissingIsLeftAsItIs()
    {
        Leave(Clinic, OldKey, 3);
        var before = Bytes(Folder(Clinic));
        var said = new List<string>();
        var root = new SpoolRoot(Clinic.Open(Top));
        using (var other = new SpoolStore(root, Run("2"), "test", Formatter(NewKey)))
            other.Adopt(first: true, said.Add).ShouldBe((0, 0));
        said.ShouldHaveSingleItem().ShouldContain("is encrypted with the key 'old', and here are new (encrypts)");
        Bytes(Folder(Clinic)).ShouldBe(before);
        using var same = Open(Clinic, OldKey);
        same.Adopt(first: true, said.Add).ShouldBe((3, 0));
    }

    [Fact]
    public void ARefusedBatchIsReadableOnlyWithTheKey()
    {
        using var store = Open(Clinic, OldKey);
        var file = store.TrySetAside(SomeFrozen.Batch(1)).ShouldNotBeNull();
        File.ReadAllText(file).ShouldNotContain("@t");
        var payloads = Google.Protobuf.JsonParser.Default.Parse<Temporalio.Api.Common.V1.Payloads>(File.ReadAllText(file));
        var decoded = new PipelineCodec(OldKey, 0).Decode(payloads.Payloads_.ShouldHaveSingleItem()).Data.Span;
        LogBatchRecords.Decode(decoded.ToArray()).Count().ShouldBe(3);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void DirectoriesAndFilesAreForTheirOwnerAlone()
    {
        var wide = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead;
        Directory.CreateDirectory(Folder(Clinic), wide);
        Leave(Clinic, OldKey, 1);
        foreach (var directory in Directory.GetDirectories(Spool, "*", SearchOption.AllDirectories))
            File.GetUnixFileMode(directory).ShouldBe(ForOwner | UnixFileMode.UserExecute, directory);
        foreach (var file in Directory.GetFiles(Spool, "*", SearchOption.AllDirectories))
            File.GetUnixFileMode(file).ShouldBe(ForOwner, file);
    }

    [Fact]
    public void WhatIsNoDirectoryOfThisUsersIsPassedOver()
    {
        Leave(Clinic, OldKey, 1);
        var elsewhere = _folder.File("elsewhere");
        Directory.CreateDirectory(elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(Spool, "7"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(Folder(Clinic), "7"), elsewhere);
        var said = new List<string>();
        using var store = Open(Clinic, OldKey);
        store.Adopt(first: true, said.Add).ShouldBe((1, 0));
        said.Count.ShouldBe(2);
        said.ShouldAllBe(text => text.Contains("is passed over") && text.Contains("symbolic link"));
        Directory.GetFileSystemEntries(elsewhere).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("orders", 3)]
    [InlineData("other", 0)]
    public void WhatAnEarlierVersionLeftIsSentByItsOwnApplicationAlone(string source, int records)
    {
        using (var earlier = new SpoolStore(Top, Run("0"), "test", Formatter(KeyRing.Empty)))
            earlier.Append(SomeQueued.Records(1, 3, padding: 0), tried: null);
        using var store = new SpoolStore(new SpoolRoot(Top, Clinic, OldKey, source), Run("1"), "test", Formatter(OldKey));
        store.ForOthers().Count.ShouldBe(records == 0 ? 1 : 0);
        store.Adopt(first: true, _ => { }).Records.ShouldBe(records);
    }

    [Fact]
    public void AnOperatorMovesWhatWaitsOrRemovesIt()
    {
        Leave(Clinic, OldKey, 3);
        Leave(Clinic with { Namespace = "shop" }, OldKey, 2);
        using var running = Open(Clinic with { Namespace = "bank" }, OldKey);
        var spool = Inventory("new-place:7233", BothKeys);
        spool.List().Select(folder => (folder.Namespace, folder.Records, folder.InUse, folder.IsOwn))
            .ShouldBe([("bank", 0, 1, false), ("clinic", 3, 0, false), ("shop", 2, 0, false)]);

        Should.Throw<InvalidDataException>(() => Inventory("new-place:7233", NewKey).Move(Clinic.DirectoryName))
            .Message.ShouldContain("'old'");
        spool.Move(Clinic.DirectoryName).ShouldBe((3, 0));
        spool.Purge((Clinic with { Namespace = "shop" }).DirectoryName).ShouldBe((2, 0));
        spool.Purge((Clinic with { Namespace = "bank" }).DirectoryName).ShouldBe((0, 1));
        spool.List().Select(folder => (folder.Namespace, folder.Records, folder.IsOwn))
            .ShouldBe([("bank", 0, false), ("default", 3, true)]);
        using var store = Open(new SpoolDestination("new-place:7233", "default", "log-processing-queue", "new"), BothKeys);
        store.Adopt(first: true, _ => { }).ShouldBe((3, 0));
    }

    string Spool => _folder.File("spool");

    StoreDirectory Top => new PhysicalDirectory(Spool, isPrivate: true);

    string Folder(SpoolDestination destination) => Path.Combine(Spool, destination.DirectoryName);

    SpoolInventory Inventory(string address, KeyRing keys) => new(new TemporalSinkOptions
    {
        Address = address, Namespace = "default", SpoolDirectory = Spool, Codec = { EncryptionKeys = keys },
    }, _ => null);

    SpoolStore Open(SpoolDestination destination, KeyRing keys) =>
        new(new SpoolRoot(Top, destination, keys, "orders"), Run("9"), "test", Formatter(keys));

    void Leave(SpoolDestination destination, KeyRing keys, int records)
    {
        using var earlier = new SpoolStore(new SpoolRoot(Top, destination, keys, "orders"), Run("1"), "test", Formatter(keys));
        earlier.Append(SomeQueued.Records(1, records, padding: 0), tried: null).Count.ShouldBe(records);
    }

    static JournalName Run(string number) => new("orders", $"20261121T080000-{number}");

    static LogPipeline.Publisher.Capture.RecordFormatter Formatter(KeyRing keys) =>
        SomeFormatter.Of(new TemporalSinkOptions { Codec = { EncryptionKeys = keys } }, "20261121T080000-9");

    static byte[] Bytes(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("owner")).Order()
            .SelectMany(File.ReadAllBytes)];

    static int IndexOf(string folder, string text) => Bytes(folder).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
}
