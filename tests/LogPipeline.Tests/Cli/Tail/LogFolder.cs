using System.IO.Compression;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli;

namespace LogPipeline.Tests.Cli.Tail;

/// <summary>A log directory whose files a test writes by hand, and the verb on it.</summary>
sealed class LogFolder : IDisposable
{
    readonly TempDirectory _directory = new();

    public LogFolder() => Directory.CreateDirectory(Path);

    public string Path => _directory.File("logs");

    public PhysicalDirectory Root => new(Path);

    public void Dispose() => _directory.Dispose();

    /// <summary>A record as the worker writes it, of a second of ten o'clock.</summary>
    public static string Clef(int second, string message, string level = "info", string more = "") =>
        $$"""{"@t":"2026-11-21T10:00:{{second:d2}}Z","@mt":"x","@m":"{{message}}","level":"{{level}}","channel":"any","source":"shop"{{more}}}""";

    public void Append(string file, params string[] lines) => AppendText(file, string.Concat(lines.Select(line => line + "\n")));

    public void AppendText(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.AppendAllText(path, text);
    }

    public void Compress(string file)
    {
        var path = System.IO.Path.Combine(Path, file);
        using (var packed = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest)) packed.Write(File.ReadAllBytes(path));
        File.SetLastWriteTimeUtc(path + ".gz", File.GetLastWriteTimeUtc(path));
        File.Delete(path);
    }

    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await LogWorkerCommand.RunAsync(["tail", "--directory", Path, .. arguments], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>The last word of each record's first line.</summary>
    public async Task<string> WordsAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        code.ShouldBe(0, errors);
        return string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != ' ')
            .Select(line => line.Split(' ')[^1]));
    }
}
