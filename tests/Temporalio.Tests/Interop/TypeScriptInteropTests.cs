using System.Text.Json;
using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Tests.Converters;
using Temporalio.Tests.Workflows;
using Temporalio.Worker;
using Request = Temporalio.Tests.Interop.TypeScriptSdk.Request;

namespace Temporalio.Tests.Interop;

/// <summary>This SDK and the official TypeScript one on the same real server: what either writes, the other reads.</summary>
public class TypeScriptInteropTests(TypeScriptSdk typeScript) : IClassFixture<TypeScriptSdk>
{
    const string Described = """ | "Größe 日本" | 42 | 1.5 | true | {"name":"Ann","tags":["a","b"]} | bytes 0,1,254,255 | """;

    // Null is written without data here, like undefined there: only TypeScript tells the two apart.
    const string DescribedThere = $"undefined{Described}undefined";
    const string DescribedHere = $"null{Described}null";

    readonly string _queue = $"csharp-{Guid.NewGuid():N}";
    readonly string _id = $"interop-{Guid.NewGuid():N}";

    [SkippableFact]
    public async Task OurClientDrivesTheirWorkflow()
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("Collect", [2], new(_id, typeScript.Queue));
        (await handle.QueryAsync<int>("count", [])).ShouldBe(0);
        await handle.SignalAsync("add", ["Ann"]);
        (await handle.QueryAsync<string>("item", [0])).ShouldBe("Ann");
        await handle.SignalAsync("add", ["Bob"]);
        (await handle.GetResultAsync<string>()).ShouldBe("Ann Bob");
        (await handle.QueryAsync<int>("count", [])).ShouldBe(2);
        var unknown = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<int>("nothing", []));
        unknown.Message.ShouldContain("nothing");
    }

    [SkippableFact]
    public async Task TheirClientDrivesOurWorkflow()
    {
        using var worker = Worker(await ConnectAsync());
        var replies = await worker.ExecuteAsync(() => typeScript.AskAsync("plain",
            new("start", _id, "Collect", _queue, [2]), new("query", _id, "count"),
            new("signal", _id, "add", Args: ["Ann"]), new("query", _id, "item", Args: [0]),
            new("signal", _id, "add", Args: ["Bob"]), new("result", _id), new("query", _id, "count"), new("query", _id, "nothing")));
        replies[..^1].Where((_, i) => i is not (0 or 2 or 4)).Select(r => r.Value ?? r.Failure?.Message).ShouldBe(["0", "\"Ann\"", "\"Ann Bob\"", "2"]);
        replies[^1].Failure!.Class.ShouldBe("QueryNotRegisteredError");
    }

    [SkippableTheory, InlineData(false), InlineData(true)]
    public async Task AWorkflowOfOneCallsActivitiesOfTheOther(bool theirs)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client);
        var result = await worker.ExecuteAsync(() => client.ExecuteWorkflowAsync<string>("CallActivity", [ActivitiesOf(theirs), "greet", new[] { "Ann" }], OptionsOf(theirs)));
        result.ShouldBe("Hello, Ann!");
    }

    [SkippableTheory, InlineData(false), InlineData(true)]
    public async Task AFailureKeepsItsTypeDetailsAndCause(bool theirs)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client);
        await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync("CallActivity", [ActivitiesOf(theirs), "fail", Array.Empty<string>()], OptionsOf(theirs));
            var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            var activity = failed.InnerException.ShouldBeOfType<ActivityFailureException>();
            var application = activity.InnerException.ShouldBeOfType<ApplicationFailureException>();
            var cause = application.InnerException.ShouldBeOfType<ApplicationFailureException>();
            (activity.ActivityType, activity.RetryState).ShouldBe(("fail", RetryState.NonRetryableFailure));
            (application.Message, application.ErrorType, application.NonRetryable).ShouldBe(("cannot be done", "Impossible", true));
            (application.Details.Count, application.Details.ElementAt<string>(0), application.Details.ElementAt<int>(1)).ShouldBe((2, "why", 7));
            (cause.Message, cause.ErrorType, cause.NonRetryable).ShouldBe(("no space", "DiskFull", false));
            application.StackTrace!.ShouldContain(theirs ? "InteropActivities.cs" : "activities.js");

            var read = (await typeScript.AskAsync("plain", new Request("result", _id)))[0].Failure!;
            (read.Class, read.Cause!.Class, read.Cause.ActivityType).ShouldBe(("WorkflowFailedError", "ActivityFailure", "fail"));
            var their = read.Cause.Cause!;
            (their.Class, their.Message, their.Type, their.NonRetryable).ShouldBe(("ApplicationFailure", "cannot be done", "Impossible", true));
            (their.Details!.Length, their.Details[0].GetString(), their.Details[1].GetInt32()).ShouldBe((2, "why", 7));
            (their.Cause!.Message, their.Cause.Type, their.Cause.NonRetryable).ShouldBe(("no space", "DiskFull", false));
            their.Stack.ShouldBe(application.StackTrace);
        });
    }

    // TypeScript names a plain error itself after its class, and says of its cause only the message.
    [SkippableTheory, InlineData(false, "TypeError", null), InlineData(true, "InvalidOperationException", "IOException")]
    public async Task APlainExceptionIsNamedAfterItsClass(bool theirs, string type, string? beneath)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client);
        var failed = await worker.ExecuteAsync(() => Should.ThrowAsync<WorkflowFailedException>(() =>
            client.ExecuteWorkflowAsync<string>("CallActivity", [ActivitiesOf(theirs), "throwPlain", Array.Empty<string>()], OptionsOf(theirs))));
        var plain = failed.InnerException!.InnerException.ShouldBeOfType<ApplicationFailureException>();
        (plain.Message, plain.ErrorType).ShouldBe(("as is", type));
        var cause = plain.InnerException.ShouldBeAssignableTo<FailureException>()!;
        (cause.Message, (cause as ApplicationFailureException)?.ErrorType).ShouldBe(("beneath", beneath));
    }

    [SkippableTheory, InlineData(false, "C# went on from TypeScript, line 7"), InlineData(true, "TypeScript went on from C#, line 8")]
    public async Task AnAttemptOfOneGoesOnWhereTheOtherWas(bool oursFirst, string expected)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("CallActivity", [_queue, "resume", Array.Empty<string>()], new(_id, typeScript.Queue));
        using var ours = Worker(client);
        if (oursFirst) await ours.ExecuteAsync(() => RetryAsync(handle));
        var theirs = await typeScript.StartWorkerAsync(_queue, "activities");
        await using var _ = theirs;
        if (!oursFirst)
        {
            await RetryAsync(handle);
            (await theirs.StopAsync()).ShouldBeTrue(theirs.Everything);
            (await ours.ExecuteAsync(() => handle.GetResultAsync<string>())).ShouldBe(expected);
        }
        else (await handle.GetResultAsync<string>()).ShouldBe(expected);
    }

    [SkippableTheory, InlineData("plain"), InlineData("aes")]
    public async Task OurValuesAreReadThere(string codec)
    {
        var client = await ConnectAsync(codec);
        var their = QueueOf(codec);
        object?[] values = [.. Give.Values.Values];
        (await client.ExecuteWorkflowAsync<string>("Describe", [.. values, null], new(_id, their))).ShouldBe(DescribedThere);
        (await client.ExecuteWorkflowAsync<string>("Describe", [], new(_id + "-none", their))).ShouldBe("");

        var start = (await client.GetWorkflowHandle(_id).FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes;
        start.Input.Payloads_.Select(p => p.Metadata["encoding"].ToStringUtf8() == "binary/encrypted").Distinct().ShouldBe([codec == "aes"]);

        using var worker = Worker(client);
        var replies = await worker.ExecuteAsync(async () =>
        {
            foreach (var kind in Give.Values.Keys) await client.StartWorkflowAsync("Give", [kind], new($"{_id}-{kind}", _queue));
            await client.StartWorkflowAsync("GiveNothing", [], new($"{_id}-nothing", _queue));
            return await typeScript.AskAsync(codec, [.. Give.Values.Keys.Append("nothing").Select(kind => new Request("result", $"{_id}-{kind}"))]);
        });
        string.Join(" | ", replies.Select(r => r.Value)).ShouldBe(DescribedThere);
    }

    [SkippableTheory, InlineData("plain"), InlineData("aes")]
    public async Task TheirValuesAreReadHere(string codec)
    {
        var client = await ConnectAsync(codec);
        using var worker = Worker(client);
        var replies = await worker.ExecuteAsync(() => typeScript.AskAsync(codec,
            new("start", _id, "Describe", _queue, Values: [.. Give.Values.Keys, "nothing"]), new("result", _id),
            new("start", _id + "-none", "GiveNothing", _queue), new("result", _id + "-none")));
        JsonSerializer.Deserialize<string>(replies[1].Value!).ShouldBe(DescribedHere);
        replies[3].Value.ShouldBe("undefined");

        (await GiveAsync<string?>("null")).ShouldBeNull();
        (await GiveAsync<string?>("nothing")).ShouldBeNull();
        (await GiveAsync<string>("text")).ShouldBe("Größe 日本");
        (await GiveAsync<int>("whole")).ShouldBe(42);
        (await GiveAsync<double>("fraction")).ShouldBe(1.5);
        (await GiveAsync<bool>("yes")).ShouldBeTrue();
        var person = await GiveAsync<Person>("object");
        (person.Name, string.Join(',', person.Tags)).ShouldBe(("Ann", "a,b"));
        (await GiveAsync<byte[]>("bytes")).ShouldBe([0, 1, 254, 255]);

        Task<T> GiveAsync<T>(string kind) => client.ExecuteWorkflowAsync<T>("Give", [kind], new($"{_id}-give-{kind}", QueueOf(codec)));
    }

    [SkippableFact]
    public async Task HeadersGoFromOneToTheOther()
    {
        var ours = await ConnectAsync(connect: c => c.Interceptors = [new ClientHeaders()]);
        using var worker = Worker(ours, w => w.Interceptors = [new HeaderInterceptor()]);
        await worker.ExecuteAsync(async () =>
        {
            (await ours.ExecuteWorkflowAsync<string>("Headers", [_queue], new($"{_id}-theirs", typeScript.Queue))).ShouldBe("client TypeScript");
            var replies = await typeScript.AskAsync("plain", new("start", _id, "Headers", _queue, [typeScript.Queue]), new("result", _id));
            replies[1].Value.ShouldBe("\"TypeScript activity\"");
        });
    }

    [SkippableFact]
    public async Task OurClientUpdatesTheirWorkflow()
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("Counter", [], new(_id, typeScript.Queue));
        (await handle.ExecuteUpdateAsync<int>("add", [2])).ShouldBe(2);
        var rejected = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<int>("add", [-1]));
        var why = rejected.InnerException.ShouldBeOfType<ApplicationFailureException>();
        (why.Message, why.ErrorType, why.NonRetryable).ShouldBe(("only up", "Negative", true));
        await handle.ExecuteUpdateAsync("stop", []);
        (await handle.GetResultAsync<int>()).ShouldBe(2);
    }

    [SkippableFact]
    public async Task TheirClientUpdatesOurWorkflow()
    {
        using var worker = Worker(await ConnectAsync());
        var replies = await worker.ExecuteAsync(() => typeScript.AskAsync("plain",
            new("start", _id, "Counter", _queue), new("update", _id, "add", Args: [2]), new("update", _id, "add", Args: [-1]), new("update", _id, "stop"), new("result", _id)));
        (replies[1].Value, replies[4].Value).ShouldBe(("2", "2"));
        var (rejected, why) = (replies[2].Failure!, replies[2].Failure!.Cause!);
        (rejected.Class, why.Class, why.Message, why.Type, why.NonRetryable).ShouldBe(("WorkflowUpdateFailedError", "ApplicationFailure", "only up", "Negative", true));
    }

    [SkippableTheory]
    [InlineData(false, 1, "TypeScript(from C# csharp)"), InlineData(false, 2, "TypeScript(TypeScript(from C# csharp) csharp)")]
    [InlineData(true, 1, "C#(from TypeScript typescript)"), InlineData(true, 2, "C#(C#(from TypeScript typescript) typescript)")]
    public async Task AChildAndTheNextRunMayBeTheOthers(bool theirs, int depth, string expected)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client);
        (await worker.ExecuteAsync(() => client.ExecuteWorkflowAsync<string>("Across", [ActivitiesOf(theirs), depth], OptionsOf(theirs)))).ShouldBe(expected);
    }

    [SkippableTheory, InlineData(false), InlineData(true)]
    public async Task AHistoryOfOneIsReplayedByTheOther(bool theirs)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client);
        var history = await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync("Mixed", ["Ann"], OptionsOf(theirs));
            // The signal comes when the workflow waits for it: all before is in history then.
            await Eventually.TrueAsync(async () => (await handle.FetchHistoryAsync()).Events.Count(e => e.EventType == EventType.MarkerRecorded) >= 3, TimeSpan.FromSeconds(20));
            await handle.SignalAsync("go", []);
            (await handle.GetResultAsync<string>()).ShouldBe(
                "Hello, Ann! Hello, local! Hello, patched! fail/4 Impossible 7 Impossible 7 false cancelled Hello, one! Hello, two! true");
            var patches = (await handle.DescribeAsync()).TypedSearchAttributes.Get(SearchAttributeKey.CreateKeywordList("TemporalChangeVersion"));
            patches.ShouldBe(["second-greeting"]);
            return await handle.FetchHistoryAsync();
        });
        if (theirs) RecordedHistories.KeepIfAsked(history, "typescript-");
        await Replayers.Of(InteropWorkflows.All).ReplayWorkflowAsync(history);
        await TypeScriptSdk.ReplayAsync(history.Id, history.ToJson());
    }

    [SkippableFact]
    public async Task TheirReplayNoticesWhatDoesNotFit()
    {
        TypeScriptSdk.SkipIfMissing();
        var history = RecordedHistories.Read("typescript-Mixed.json").ToJson().Replace("\"greet\"", "\"other\"", StringComparison.Ordinal);
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => TypeScriptSdk.ReplayAsync("refused", history));
        refused.Message.ShouldContain("DeterminismViolationError");
    }

    async Task<TemporalClient> ConnectAsync(string codec = "plain", Action<TemporalClientConnectOptions>? connect = null)
    {
        TypeScriptSdk.SkipIfMissing();
        var converter = codec == "aes" ? DataConverter.Default with { PayloadCodec = new AesSampleCodec() } : DataConverter.Default;
        var options = new TemporalClientConnectOptions(typeScript.Address) { DataConverter = converter };
        connect?.Invoke(options);
        return await TemporalClient.ConnectAsync(options);
    }

    /// <summary>How many runs our worker remembers.</summary>
    protected virtual int Cached => 100;

    TemporalWorker Worker(ITemporalClient client, Action<TemporalWorkerOptions>? work = null)
    {
        var options = new TemporalWorkerOptions(_queue) { MaxCachedWorkflows = Cached }.AddAllActivities(new InteropActivities());
        foreach (var workflow in InteropWorkflows.All) options.AddWorkflow(workflow);
        work?.Invoke(options);
        return new(client, options);
    }

    static Task RetryAsync(WorkflowHandle handle) =>
        Eventually.TrueAsync(async () => (await handle.DescribeAsync()).RawDescription.PendingActivities.Any(a => a.Attempt > 1), TimeSpan.FromSeconds(20));

    string QueueOf(string codec) => codec == "aes" ? $"{typeScript.Queue}-aes" : typeScript.Queue;

    // The workflow is theirs or ours, its activities are the other's.
    WorkflowOptions OptionsOf(bool theirs) => new(_id, theirs ? typeScript.Queue : _queue);
    string ActivitiesOf(bool theirs) => theirs ? _queue : typeScript.Queue;
}

/// <summary>The same with our worker replaying every task from the first event.</summary>
public sealed class TypeScriptInteropWithoutCacheTests(TypeScriptSdk typeScript) : TypeScriptInteropTests(typeScript)
{
    protected override int Cached => 0;
}
