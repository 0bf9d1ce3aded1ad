using System.Reflection;
using LogPipeline.DurableFiles;
using Xunit.Sdk;

namespace LogPipeline.Tests.DurableFiles;

public enum StoreKind
{
    Memory, Disk,
}

/// <summary>Runs a theory once in memory and once on the disk.</summary>
public sealed class OnBothStoresAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[StoreKind.Memory], [StoreKind.Disk]];
}

/// <summary>An empty directory that is gone afterwards.</summary>
public sealed class TestStore : IDisposable
{
    readonly DirectoryInfo? _temporary;

    TestStore(StoreDirectory directory, DirectoryInfo? temporary) => (Directory, _temporary) = (directory, temporary);

    public StoreDirectory Directory { get; }

    public static TestStore Of(StoreKind kind)
    {
        if (kind == StoreKind.Memory) return new TestStore(new InMemoryDisk().Root, null);
        var temporary = System.IO.Directory.CreateTempSubdirectory("logpipeline-");
        return new TestStore(new PhysicalDirectory(temporary.FullName), temporary);
    }

    public void Dispose() => _temporary?.Delete(recursive: true);
}

public static class StoreDirectoryExtensions
{
    public static byte[] ReadAll(this StoreDirectory directory, string name)
    {
        using var file = directory.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0).ShouldBe(bytes.Length);
        return bytes;
    }

    public static void WriteAll(this StoreDirectory directory, string name, ReadOnlySpan<byte> bytes)
    {
        using var file = directory.Open(name, StoreOpen.ExistingOrNew);
        file.SetLength(0);
        file.Write(bytes, 0);
        file.Sync();
        directory.Sync();
    }
}
