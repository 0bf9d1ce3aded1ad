namespace LogPipeline.Worker.Cli.Bench;

/// <summary>What was measured.</summary>
/// <param name="Calm">At a rate that nothing has to queue for.</param>
/// <param name="Full">As fast as events can be logged.</param>
/// <param name="Disk">The log directory's; null: it is on another machine.</param>
/// <param name="Written">Where the records are now.</param>
sealed record BenchReport(BenchFigures Calm, BenchFigures Full, DiskFigures? Disk, BenchFiles Written);

/// <param name="Records">How many were sent and written.</param>
/// <param name="RecordsPerSecond">From the first event to the last receipt.</param>
/// <param name="Median">Seconds from the event to the receipt of its batch.</param>
/// <param name="Percentile95">As <paramref name="Median"/>.</param>
/// <param name="Percentile99">As <paramref name="Median"/>.</param>
sealed record BenchFigures(int Records, double RecordsPerSecond, double Median, double Percentile95, double Percentile99)
{
    /// <param name="latencies">Seconds of each record.</param>
    /// <param name="elapsed">From the first event to the last receipt.</param>
    public static BenchFigures Of(double[] latencies, TimeSpan elapsed)
    {
        var sorted = latencies.Order().ToArray();
        return new BenchFigures(sorted.Length, sorted.Length / elapsed.TotalSeconds, At(0.5), At(0.95), At(0.99));

        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}

/// <param name="MegabytesPerSecond">Of writes of 1 MiB, each synced.</param>
/// <param name="SyncSeconds">The median of a write of 4 KiB with its sync.</param>
sealed record DiskFigures(double MegabytesPerSecond, double SyncSeconds);

/// <param name="Records">Lines.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Worker">Who wrote the last of them.</param>
/// <param name="Files">Relative to its log directory.</param>
sealed record BenchFiles(long Records, long Bytes, string Worker, IReadOnlyList<string> Files);
