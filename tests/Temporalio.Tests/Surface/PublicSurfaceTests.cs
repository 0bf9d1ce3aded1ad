using LogPipeline.TestSupport;
using Temporalio.Client;

namespace Temporalio.Tests.Surface;

public sealed class PublicSurfaceTests
{
    /// <summary>A public name is a promise: it changes only together with the approved file, and that has no name which the official package lacks.</summary>
    [Fact]
    public void ThePublicSurfaceIsTheApprovedOne()
    {
        var file = Repository.PathOf("tests", "Temporalio.Tests", "Surface", "approved.txt");
        string[] actual = [.. PublicSurface.Of(typeof(TemporalClient).Assembly)];
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_APPROVE") == "1") File.WriteAllLines(file, actual);
        var approved = File.ReadAllLines(file);
        string.Join('\n', actual.Except(approved).Select(l => $"new: {l}").Concat(approved.Except(actual).Select(l => $"gone: {l}")))
            .ShouldBeEmpty("set LOGPIPELINE_APPROVE=1 to approve, after comparing with the official package");
        actual.Length.ShouldBe(approved.Length);
    }
}
