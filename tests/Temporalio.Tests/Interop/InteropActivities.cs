using System.Text.Json.Serialization;
using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Tests.Workflows;

namespace Temporalio.Tests.Interop;

/// <summary>The equals of tests/Interop/activities.js.</summary>
sealed class InteropActivities
{
    [Activity("greet")]
    public string Greet(string name) => $"Hello, {name}!";

    [Activity("fail")]
    public void Fail()
    {
        var cause = new ApplicationFailureException("no space", errorType: "DiskFull");
        throw new ApplicationFailureException("cannot be done", cause, "Impossible", nonRetryable: true, details: ["why", 7]);
    }

    [Activity("throwPlain")]
    public void ThrowPlain() => throw new InvalidOperationException("as is", new IOException("beneath"));

    [Activity("header")]
    public string Header() => HeaderInterceptor.Header();

    /// <summary>Goes on from where another SDK's attempt was, and until there is one leaves its own mark.</summary>
    [Activity("resume")]
    public async Task<string> ResumeAsync()
    {
        var context = ActivityExecutionContext.Current;
        if (context.Info.HeartbeatDetails.Count > 0 && await context.Info.HeartbeatDetailAtAsync<Mark>(0) is { By: not "C#" } mark)
            return $"C# went on from {mark.By}, line {mark.Line}";
        context.Heartbeat(new Mark("C#", 8));
        throw new InvalidDataException("interrupted");
    }

    public sealed record Mark([property: JsonPropertyName("by")] string By, [property: JsonPropertyName("line")] int Line);
}
