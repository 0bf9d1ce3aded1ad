using System.Security.Cryptography;

namespace LogPipeline.Worker.Cli.Bench;

/// <summary>How fast a disk takes what has to stay: writes, each with its sync, in a file that is removed again.</summary>
static class DiskBench
{
    const int LargeBytes = 1 << 20;
    const int SmallBytes = 4096;
    const int CountMax = 64;

    /// <summary>For each of the two sizes.</summary>
    static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(1);

    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static DiskFigures Run(string directory, TimeProvider time)
    {
        var name = $".logworker-bench-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        using var file = new FileStream(Path.Combine(directory, name), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.DeleteOnClose,
        });
        var small = Times(file, SmallBytes, time);
        var large = Times(file, LargeBytes, time);
        return new DiskFigures(large.Count * (LargeBytes / 1e6) / large.Sum(), small.Order().ElementAt(small.Count / 2));
    }

    static List<double> Times(FileStream file, int bytes, TimeProvider time)
    {
        var block = new byte[bytes];
        RandomNumberGenerator.Fill(block);
        var (times, begun) = (new List<double>(), time.GetTimestamp());
        while (times.Count < CountMax && (times.Count == 0 || time.GetElapsedTime(begun) < TimeMax))
        {
            var at = time.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            times.Add(time.GetElapsedTime(at).TotalSeconds);
        }
        return times;
    }
}
