namespace LogPipeline.Tests.Worker.Sweep;

/// <summary>One system call of the canonical run, and what befalls it.</summary>
/// <param name="Call">Its name.</param>
/// <param name="Number">Which one of that name, from 1.</param>
/// <param name="Fault">As strace's inject takes it.</param>
sealed record SweepPoint(string Call, int Number, string Fault)
{
    public const string Kill = "signal=SIGKILL";

    public static readonly string[] Faults = [Kill, "error=EIO", "error=ENOSPC"];

    public override string ToString() => $"{Call} {Number}: {Fault}";
}
