using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>Requests of every kind with values of every kind: refused or answered, and the engine goes on.</summary>
public sealed class HostileCallTests
{
    const int RequestsPerCall = 100;

    public static TheoryData<string> Requests =>
        [.. ((IEnumerable<Type>)[typeof(StartWorkflowExecutionRequest)])
            .SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type.IsAssignableTo(typeof(IMessage)) && Calls.Of(type) is not null)
            .Select(type => type.FullName!).Order()];

    [Theory]
    [MemberData(nameof(Requests))]
    public void NoRequestEndsTheEngine(string name)
    {
        var type = typeof(StartWorkflowExecutionRequest).Assembly.GetType(name)!;
        for (var seed = 0; seed < RequestsPerCall; seed++)
        {
            var rig = new EngineRig();
            var known = Prepare(rig);
            var random = new Random(seed);
            var request = (IMessage)Activator.CreateInstance(type)!;
            Fill(request, random, known, depth: 0);
            if (request.Descriptor.FindFieldByName("namespace") is { } ns) ns.Accessor.SetValue(request, "default");
            var shown = $"seed {seed}: {request}";
            for (var i = 0; i < 2; i++)
            {
                var call = Should.NotThrow(() => rig.Begin(request), shown);
                rig.ReplyTo(call)?.Error?.Code.ShouldNotBe(StatusCode.Internal, shown);
            }
            for (var i = 0; i < 5; i++) Should.NotThrow(() => rig.Pass(TimeSpan.FromHours(30)), shown);
        }
    }

    // A run with a task that a worker has, an activity and an update.
    static Known Prepare(EngineRig rig)
    {
        var runId = rig.Start("w");
        var poll = new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } };
        var first = rig.Call<PollWorkflowTaskQueueResponse>(poll);
        rig.Call<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = "default",
            TaskToken = first.TaskToken,
            Commands =
            {
                new Temporalio.Api.Command.V1.Command
                {
                    CommandType = Temporalio.Api.Enums.V1.CommandType.ScheduleActivityTask,
                    ScheduleActivityTaskCommandAttributes = new()
                    {
                        ActivityId = "a", ActivityType = new() { Name = "A" }, TaskQueue = new() { Name = "q" },
                        StartToCloseTimeout = new() { Seconds = 60 },
                    },
                },
            },
        });
        var activity = rig.Call<PollActivityTaskQueueResponse>(
            new PollActivityTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
        rig.Begin(new UpdateWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowExecution = new() { WorkflowId = "w" },
            WaitPolicy = new() { LifecycleStage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage.Completed },
            Request = new() { Meta = new() { UpdateId = "u" }, Input = new() { Name = "u" } },
        });
        var task = rig.Call<PollWorkflowTaskQueueResponse>(poll);
        return new Known(runId, [task.TaskToken, activity.TaskToken]);
    }

    static void Fill(IMessage message, Random random, Known known, int depth)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (random.Next(3) == 0) continue;
            if (field.IsMap) continue;
            if (field.FieldType == FieldType.Message && field.MessageType.FullName.EndsWith("Value", StringComparison.Ordinal))
                continue;
            if (field.RealContainingOneof is not null && random.Next(2) == 0) continue;
            if (field.IsRepeated)
            {
                if (field.FieldType != FieldType.Message || depth > 5) continue;
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = random.Next(3); i > 0; i--) list.Add(New(field, random, known, depth));
                continue;
            }
            if (Value(field, random, known, depth) is { } value) field.Accessor.SetValue(message, value);
        }
    }

    static object? Value(FieldDescriptor field, Random random, Known known, int depth) => field.FieldType switch
    {
        FieldType.Message => depth > 5 ? null : New(field, random, known, depth),
        FieldType.String => Text(field, random, known),
        FieldType.Bytes => Pick(random, [.. known.Tokens, .. known.Tokens, ByteString.CopyFrom(1, 2, 0xff)]),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => Pick(random, [0, 1, -1, 5, int.MaxValue, int.MinValue]),
        FieldType.Int64 => Pick(random, [0L, 1, 5, -1, 7, 3600, long.MaxValue, long.MinValue, 315_576_000_000]),
        FieldType.Double => Pick(random, [0d, 1, -1, double.NaN, double.PositiveInfinity, double.MaxValue]),
        FieldType.Float => Pick(random, [0f, 1, -1, float.NaN, float.PositiveInfinity]),
        FieldType.Enum => System.Enum.ToObject(
            field.EnumType.ClrType, Pick(random, [0, 1, 2, 3, 4, 77, -1])),
        _ => null,
    };

    static IMessage New(FieldDescriptor field, Random random, Known known, int depth)
    {
        var message = (IMessage)Activator.CreateInstance(field.MessageType.ClrType)!;
        Fill(message, random, known, depth + 1);
        return message;
    }

    static string Text(FieldDescriptor field, Random random, Known known) => field.Name switch
    {
        "namespace" => Pick(random, ["default", "default", "", "other"]),
        "workflow_id" => Pick(random, ["w", "w", "new", ""]),
        "run_id" => Pick(random, ["", known.RunId, known.RunId, "no-id", Guid.Empty.ToString()]),
        "activity_id" => Pick(random, ["a", "a", "b", ""]),
        "update_id" or "protocol_instance_id" => Pick(random, ["u", "u", "", "v"]),
        _ => Pick(random, ["q", "u", "a", "", "w", "\ud83d\ude00"]),
    };

    static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    sealed record Known(string RunId, ByteString[] Tokens);
}
