using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.DurableFiles;

public sealed class AllotTests
{
    [Fact]
    public void ADiskThatIsFullSaysSoWhenTheFileIsMadeAndKeepsNothingOfIt()
    {
        var disk = new InMemoryDisk();
        disk.Fault = operation =>
            operation.Verb == StoreVerb.Write && operation.Number > 3 ? new StoreFault(StoreFaultKind.NoSpace, Done: 10) : null;
        Should.Throw<IOException>(() => disk.Root.Allot("file", 1 << 20)).Message.ShouldContain("No space");
        disk.Root.List().ShouldBeEmpty();
    }

    [Fact]
    public void WhatIsWrittenIntoMemoryIsReadFromTheFileAndOutlivesTheMap()
    {
        using var folder = new TempDirectory();
        var directory = new PhysicalDirectory(folder.Path);
        using (var file = directory.Allot("file", 200_000))
        using (var map = file.TryMap(200_000))
        {
            if (map is null) return;
            map.Touch();
            map.Bytes.ContainsAnyExcept((byte)0).ShouldBeFalse();
            "here"u8.CopyTo(map.Bytes[150_000..]);
            var read = new byte[4];
            file.Read(read, 150_000);
            read.ShouldBe("here"u8.ToArray());
            file.Sync();
        }
        File.ReadAllBytes(folder.File("file"))[150_000..150_004].ShouldBe("here"u8.ToArray());
    }
}
