using System.Diagnostics.CodeAnalysis;
using LogPipeline.DurableFiles;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// The directories of the spool from which this configuration's records are sent.
/// <code>
/// LOG_SPOOL_DIRECTORY/&lt;destination&gt;/&lt;number&gt;/…     each destination's, see SpoolDestination.cs
/// LOG_SPOOL_DIRECTORY/&lt;number&gt;/…                   of versions up to 0.1, which did not say where they go
/// </code>
/// </summary>
sealed class SpoolRoot
{
    readonly StoreDirectory? _top;
    readonly SpoolDestination? _destination;
    readonly KeyRing _keys = KeyRing.Empty;
    readonly string _source = "";
    readonly string? _ownName;

    /// <param name="own">Where this process writes, and all that it adopts lies.</param>
    public SpoolRoot(StoreDirectory own) => Own = own;

    /// <param name="top">LOG_SPOOL_DIRECTORY.</param>
    /// <param name="source">The application's name.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public SpoolRoot(StoreDirectory top, SpoolDestination destination, KeyRing keys, string source)
    {
        (_top, _destination, _keys, _source) = (top, destination, keys, source);
        Own = destination.Open(top);
        _ownName = Path.GetFileName(Own.Path);
    }

    [return: NotNullIfNotNull(nameof(own))]
    public static implicit operator SpoolRoot?(StoreDirectory? own) => own is null ? null : new(own);

    public StoreDirectory Own { get; }

    /// <summary>The directory of all destinations.</summary>
    public string Top => (_top ?? Own).Path;

    /// <summary>Numbered directories whose records this process may send.</summary>
    public IEnumerable<(StoreDirectory Parent, string Name)> Adoptable(Action<string> report)
    {
        foreach (var name in Own.ListDirectories().Where(IsNumber)) yield return (Own, name);
        if (_top is null) yield break;
        foreach (var name in _top.ListDirectories())
        {
            if (name == _ownName || TryOpen(_top, name, report) is not { } directory) continue;
            if (IsNumber(name))
            {
                if (IsOfThisSource(directory)) yield return (_top, name);
            }
            else if (SpoolDestination.Read(directory) is { } other && _destination!.Adopts(other, _keys))
            {
                foreach (var number in directory.ListDirectories().Where(IsNumber)) yield return (directory, number);
            }
        }
    }

    /// <summary>Where records lie that no process has, and that this one does not send.</summary>
    public IReadOnlyList<string> ForOthers()
    {
        if (_top is null) return [];
        var found = new List<string>();
        foreach (var name in _top.ListDirectories())
        {
            if (TryOpen(_top, name, _ => { }) is not { } directory) continue;
            if (IsNumber(name))
            {
                var sources = string.Join(", ", JournalName.In(directory).Select(run => run.Source).Distinct());
                if (Waits(directory) && !IsOfThisSource(directory))
                    found.Add($"{name} (of an earlier version, from {sources})");
            }
            else if (SpoolDestination.Read(directory) is { } other && !_destination!.Adopts(other, _keys)
                && directory.ListDirectories().Any(number => IsNumber(number) && Waits(directory, number)))
            {
                found.Add($"{name} ({other})");
            }
        }
        return found;
    }

    static bool Waits(StoreDirectory parent, string name) =>
        TryOpen(parent, name, _ => { }) is { } slot && Waits(slot);

    static bool Waits(StoreDirectory slot) => OwnedDirectory.HasRecords(slot) && !slot.IsOwned;

    /// <summary>
    /// A directory that does not say where its records go is left to the application that wrote them. Files of batches
    /// name it inside only.
    /// </summary>
    bool IsOfThisSource(StoreDirectory directory) => JournalName.In(directory).All(run => run.Source == _source);

    public static bool IsNumber(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Null: it is no directory, or another user's, or every user may write in it.</summary>
    public static StoreDirectory? TryOpen(StoreDirectory parent, string name, Action<string> report)
    {
        try
        {
            return parent.Directory(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report(PassedOver(e));
            return null;
        }
    }

    /// <summary>What is said of a directory that is not used.</summary>
    public static string PassedOver(Exception e) => $"A directory in the spool is passed over: {e.Message}";
}
