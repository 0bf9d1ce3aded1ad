using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Queue;
using Serilog;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// The fallback that writes final CLEF files on this host through Serilog's file sink, for an agent that ships files
/// and never for a replay: <c>fallback/&lt;source&gt;.&lt;instance&gt;.&lt;yyyy-MM-dd&gt;.&lt;nnn&gt;.clef</c> (UTC),
/// with the lines that the worker would have written. A full file is followed by one with the next number; the oldest
/// beyond 31 go.
/// </summary>
sealed class FinalFiles(string directory, string source, string instance, long fileBytesMax, TimeProvider time)
    : IDisposable
{
    const int FilesKept = 31;
    const string RecordProperty = "record";
    const string RecordLine = $"{{{RecordProperty}}}\n";

    readonly string _directory = Path.Combine(directory, "fallback");
    readonly List<string> _written = [];
    Logger? _file;
    string _day = "";
    int _number;
    long _bytes;

    /// <returns>How many of the records were handed to the system, and why not all.</returns>
    public (int Count, DropReason Reason, string? Error) Append(IReadOnlyList<QueuedRecord> records)
    {
        var count = 0;
        try
        {
            for (; count < records.Count; count++)
            {
                var line = records[count].Record.Complete(records[count].Sequence);
                var text = new ScalarValue(Encoding.UTF8.GetString(line));
                File(line.Length).Write(new LogEvent(time.GetUtcNow(), LogEventLevel.Information, null,
                    MessageTemplate.Empty, [new LogEventProperty(RecordProperty, text)]));
            }
            return (count, default, null);
        }
        catch (Exception e) when (e is AggregateException or IOException or UnauthorizedAccessException)
        {
            return (count, DropReason.DiskFailed,
                $"The fallback's file in {_directory} cannot be written: {e.GetBaseException().Message}");
        }
    }

    public void Dispose() => _file?.Dispose();

    Logger File(int bytes)
    {
        var day = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (_file is null || day != _day || _bytes >= fileBytesMax)
        {
            _file?.Dispose();
            _file = null;
            var path = Create(day);
            // Auditing, as a plain sink would swallow a disk that fails.
            _file = new LoggerConfiguration().MinimumLevel.Verbose().AuditTo.File(path, outputTemplate: RecordLine)
                .CreateLogger();
            _day = day;
            _bytes = 0;
            _number++;
            _written.Add(path);
            if (_written.Count > FilesKept) System.IO.File.Delete(_written[^(FilesKept + 1)]);
        }
        _bytes += bytes + 1;
        return _file;
    }

    /// <summary>
    /// Makes the file, as Serilog's sink would write into whatever has its name: a link's target, a pipe.
    /// </summary>
    string Create(string day)
    {
        var files = new PhysicalDirectory(_directory);
        var name = Name();
        while (files.EntryOf(name) is not StoreEntry.None and not StoreEntry.Directory)
        {
            _number++;
            name = Name();
        }
        files.Open(name, StoreOpen.New).Dispose();
        return Path.Combine(_directory, name);

        string Name() =>
            string.Create(CultureInfo.InvariantCulture, $"{source}.{instance}.{day}.{_number + 1:d3}.clef");
    }
}
