using System.Diagnostics;
using System.Net.Sockets;
using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks.Spool;

/// <summary>
/// rsyslog with a disk queue in front of a destination that is away, fed over one loopback connection: the job of our spool. The
/// clock runs from the first byte sent until the queue's files stop growing; then the messages in them are counted.
/// </summary>
static class RsyslogQueue
{
    static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(400);

    public static string? Program { get; } = new[] { "/usr/sbin/rsyslogd", "/sbin/rsyslogd" }.FirstOrDefault(File.Exists);

    public static async Task<string> VersionAsync()
    {
        await using var said = await ChildProcess.RunAsync(Program!, ["-v"]);
        return said.Output.Split('\n')[0].Split("(aka")[0].Trim().TrimEnd(',');
    }

    /// <summary>Messages a second.</summary>
    public static async Task<double> MeasureAsync(string message, int count, bool sync)
    {
        using var folder = new TempDirectory();
        var port = FreePort.Next();
        await File.WriteAllTextAsync(folder.File("rsyslog.conf"), $$"""
            global(workDirectory="{{folder.Path}}" maxMessageSize="64k")
            module(load="imptcp" threads="1")
            ruleset(name="in" queue.type="disk" queue.filename="q" queue.size="10000000" queue.maxDiskSpace="8g" queue.syncQueueFiles="{{(sync ? "on" : "off")}}" queue.timeoutEnqueue="600000") {
              action(type="omfwd" target="127.0.0.1" port="{{FreePort.Next()}}" protocol="tcp" action.resumeRetryCount="-1" action.resumeInterval="3600")
            }
            input(type="imptcp" address="127.0.0.1" port="{{port}}" ruleset="in")
            """);
        await using var rsyslog = ChildProcess.Start(Program!, ["-n", "-f", folder.File("rsyslog.conf"), "-i", folder.File("pid")]);
        await Eventually.TrueAsync(() => LocalPort.IsOpenAsync(port), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(20), () =>
            rsyslog.Everything);

        var line = Encoding.UTF8.GetBytes($"<134>Nov 21 08:00:00 host orders: {message}\n");
        var chunk = Enumerable.Repeat(line, 200).SelectMany(bytes => bytes).ToArray();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        var start = Stopwatch.GetTimestamp();
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < count; sent += 200) await client.GetStream().WriteAsync(chunk);
            client.Client.Shutdown(SocketShutdown.Send);
        });
        var (length, grown) = (0L, start);
        while (!sending.IsCompleted || Stopwatch.GetElapsedTime(grown) < Quiet)
        {
            var now = Directory.GetFiles(folder.Path, "q.0*").Sum(file => new FileInfo(file).Length);
            if (now != length) (length, grown) = (now, Stopwatch.GetTimestamp());
            await Task.Delay(5);
        }
        await sending;
        var elapsed = Stopwatch.GetElapsedTime(start, grown);
        var queued = Directory.GetFiles(folder.Path, "q.0*").Sum(Messages);
        // What it holds in its own buffer is not in the files yet.
        if (queued < count * 0.99)
            throw new InvalidOperationException($"rsyslog's queue holds {queued} of {count} messages. {rsyslog.Everything}");
        await rsyslog.KillAsync();
        return queued / elapsed.TotalSeconds;
    }

    static int Messages(string file)
    {
        var bytes = File.ReadAllBytes(file).AsSpan();
        return bytes.Count("<Obj:"u8);
    }
}
