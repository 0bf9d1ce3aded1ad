using LogPipeline.DurableFiles;

namespace LogPipeline.TestSupport;

/// <summary>
/// A disk for tests that keeps apart what was written and what was synced, so that a test can crash it. It is stricter
/// than a real one: an unsynced name or byte is gone after a power cut unless chance says otherwise, open files are not
/// removed, and bytes whose sync failed never become durable.
/// </summary>
public sealed class InMemoryDisk
{
    readonly MemoryDirectoryNode _root = new();
    readonly TimeProvider _time;

    /// <param name="time">Dates files; null: the system's clock.</param>
    public InMemoryDisk(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Root = new InMemoryDirectory(this, _root, "memory:", 0);
    }

    /// <summary>The directory that everything is in; another object after each <see cref="Restart"/>.</summary>
    public StoreDirectory Root { get; private set; }

    /// <summary>Asked before each change, under the disk's lock: null lets it pass.</summary>
    public Func<StoreOperation, StoreFault?>? Fault { get; set; }

    /// <summary>What the disk says that it still has room for; writes do not change it.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    /// <summary>Changes asked for so far, failed ones included.</summary>
    public int Operations { get; private set; }

    /// <summary>Files opened so far.</summary>
    public int Opened { get; internal set; }

    /// <summary>Syncs of files so far.</summary>
    public int FileSyncs { get; private set; }

    /// <summary>
    /// A new life after a crash: all handles and owners are gone. A killed process leaves every written byte; a power cut
    /// leaves what was synced, and of the rest what <paramref name="chance"/> picks, torn anywhere (null: nothing).
    /// </summary>
    public void Restart(StoreCrash crash, Random? chance = null)
    {
        lock (Gate)
        {
            Life++;
            HasCrashed = false;
            Fault = null;
            _root.Restart(crash, chance);
            Root = new InMemoryDirectory(this, _root, "memory:", Life);
        }
    }

    /// <summary>Changes a byte behind everybody's back, as a disk does that goes bad.</summary>
    /// <param name="path">As <see cref="StoreOperation.Path"/> has it.</param>
    public void Damage(string path, int offset)
    {
        lock (Gate)
        {
            var content = _root.Files("memory:").Single(file => file.Path == path).File.Content;
            content.Write([(byte)~content.Span[offset]], offset);
        }
    }

    /// <summary>Whether all files whose paths end so, if there are any, would survive a power cut as they are now.</summary>
    public bool IsSynced(string ending)
    {
        lock (Gate) return _root.Files("memory:").Where(file => file.Path.EndsWith(ending, StringComparison.Ordinal))
            .All(file => file.IsNameDurable && file.File.IsSynced);
    }

    // Everything below is touched under the gate alone.
    internal Lock Gate { get; } = new();
    internal int Life { get; private set; }
    internal bool HasCrashed { get; private set; }
    internal DateTimeOffset Now => _time.GetUtcNow();

    internal void Require(int life)
    {
        if (life != Life || HasCrashed) throw new StoreCrashedException();
    }

    /// <summary>Performs a change or the part of it that a fault lets through.</summary>
    internal void Change(int life, StoreVerb verb, string path, int bytes, Action<int> perform, Action? failed = null)
    {
        Require(life);
        Operations++;
        if (verb == StoreVerb.Sync) FileSyncs++;
        var fault = Fault?.Invoke(new StoreOperation(Operations, verb, path, bytes));
        if (fault is null)
        {
            perform(bytes);
            return;
        }
        var done = Math.Min(fault.Done, Math.Max(bytes, 1));
        if (done > 0) perform(bytes == 0 ? 0 : done);
        else failed?.Invoke();
        if (fault.Kind == StoreFaultKind.Crash) HasCrashed = true;
        throw fault.Kind switch
        {
            StoreFaultKind.NoSpace => new IOException($"No space left on device : '{path}'", 28),
            StoreFaultKind.InputOutput => new IOException($"Input/output error : '{path}'", 5),
            _ => new StoreCrashedException(),
        };
    }
}

/// <summary>One change that is about to happen on an <see cref="InMemoryDisk"/>, counted from 1.</summary>
public readonly record struct StoreOperation(int Number, StoreVerb Verb, string Path, int Bytes);

public enum StoreVerb
{
    Create, Write, SetLength, Sync, Delete, Replace, SyncDirectory, CreateDirectory,
}

public enum StoreFaultKind
{
    NoSpace, InputOutput, Crash,
}

/// <summary>What goes wrong, after <paramref name="Done"/> bytes of a write (for other changes: after the change, if above 0).</summary>
public sealed record StoreFault(StoreFaultKind Kind, int Done = 0);

public enum StoreCrash
{
    /// <summary>The process ends; the system keeps what it was given.</summary>
    Killed,

    /// <summary>The machine ends.</summary>
    PowerCut,
}

/// <summary>
/// The disk has crashed; nothing more happens in this life. Not an <see cref="IOException"/>, as no code under test should handle it.
/// </summary>
public sealed class StoreCrashedException() : Exception("The in-memory disk has crashed; call Restart and open everything again.");
