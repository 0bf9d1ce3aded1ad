using Google.Protobuf;
using Grpc.Core;
using LogPipeline.DurableFiles;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Engine.State;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>An engine and its journal on a directory, stepped by hand, with a clock of its own.</summary>
sealed class JournalRig : IDisposable
{
    readonly EngineJournal _journal;
    readonly LogLines _log = new();
    DateTime _now;
    long _callId;
    bool _isClosed;

    public JournalRig(StoreDirectory directory, DateTime? now = null, JournalOptions? options = null)
    {
        _now = now ?? new DateTime(2026, 11, 21, 8, 0, 0, DateTimeKind.Utc);
        _journal = EngineJournal.Open(
            directory, "the test", options ?? new JournalOptions(), new JournalLog(_log));
    }

    /// <summary>Whether a step that answers a call returns only when the answer may leave.</summary>
    public bool Waits { get; init; } = true;

    public WorkflowEngine Engine => _journal.Engine;
    public Task<Exception> Failure => _journal.Failure;
    public DateTime Now => _now;

    /// <summary>What the journal said, warnings and worse.</summary>
    public IReadOnlyList<string> Logged => _log.Lines;

    /// <summary>A reply could not leave, as what it rests on is not on disk; so none did from then on.</summary>
    public bool HasRefused { get; private set; }

    public void Pass(TimeSpan time) => _now += time;

    /// <summary>Steps a call; the replies of all calls that it answered.</summary>
    public IReadOnlyList<Reply> Call(IMessage request) =>
        Step(new CallInput(++_callId, request), request.ToByteArray());

    public IReadOnlyList<Reply> Step(EngineInput input, byte[]? bytes = null)
    {
        if (input.IsJournaled) _journal.Append(input, bytes, _now);
        var replies = Engine.Step(input, _now).ToArray();
        if (replies.Length == 0 || !Waits) _journal.Submit([]);
        else
        {
            var answered = new TaskCompletionSource<Reply>();
            _journal.Submit([new ReadyReply(answered, replies[0])]);
            HasRefused |= answered.Task.GetAwaiter().GetResult().Error?.Code == StatusCode.Unavailable;
        }
        _journal.Advance();
        return replies;
    }

    public void Start(string id, int inputBytes = 10) => Call(new StartWorkflowExecutionRequest
    {
        Namespace = "default",
        WorkflowId = id,
        WorkflowType = new() { Name = "some" },
        TaskQueue = new() { Name = "queue" },
        RequestId = id + _callId,
        Input = new() { Payloads_ = { new Payload { Data = ByteString.CopyFrom(new byte[inputBytes]) } } },
    });

    public void Signal(string id) => Call(
        new SignalWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowExecution = new() { WorkflowId = id },
            SignalName = "s",
        });

    public PollWorkflowTaskQueueResponse? Poll() =>
        Call(new PollWorkflowTaskQueueRequest
        {
            Namespace = "default",
            TaskQueue = new() { Name = "queue" },
            Identity = "worker",
        })
            .Select(reply => reply.Message).OfType<PollWorkflowTaskQueueResponse>().FirstOrDefault();

    public void Complete(PollWorkflowTaskQueueResponse task, params Command[] commands) =>
        Call(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = "default",
            TaskToken = task.TaskToken,
            Commands = { commands },
        });

    /// <summary>A workflow from its start to its end.</summary>
    public void RunOne(string id, int inputBytes = 10)
    {
        Start(id, inputBytes);
        Complete(Poll()!, Commands.Complete());
    }

    public IReadOnlyList<HistoryEvent> History(string id)
    {
        var reply = Call(
            new GetWorkflowExecutionHistoryRequest { Namespace = "default", Execution = new() { WorkflowId = id } })[0];
        return reply.Message is GetWorkflowExecutionHistoryResponse { History.Events: var events }
            ? events
            : throw reply.Error!;
    }

    /// <summary>Ends without a last snapshot, as a killed process does, but for what was still on its way.</summary>
    public void Kill() => Close(withSnapshot: false);

    public void Close(bool withSnapshot = true)
    {
        if (_isClosed) return;
        _isClosed = true;
        _journal.Close(withSnapshot);
    }

    public void Dispose() => Kill();

    /// <summary>All that the engine knows as text, wherever its histories lie.</summary>
    public static string TextOf(WorkflowEngine engine, IHistoryArchive archive)
    {
        var state = engine.State.Clone();
        var runs = engine.Runs.OrderBy(run => run.Number).Select(run =>
        {
            var rest = run.Clone();
            rest.Archived.Clear();
            var history = new History { Events = { run.Archived.SelectMany(archive.Read), run.History } };
            var buffered = new History { Events = { run.Buffered } };
            return $"{rest} {history} {buffered}";
        });
        return string.Join('\n', runs.Prepend(state.ToString()));
    }

    public static byte[] ContentOf(InMemoryDisk disk, string name)
    {
        using var file = disk.Root.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    public static class Commands
    {
        public static Command Complete() =>
            new()
            {
                CommandType = CommandType.CompleteWorkflowExecution,
                CompleteWorkflowExecutionCommandAttributes = new(),
            };

        public static Command ContinueAsNew() => new()
        {
            CommandType = CommandType.ContinueAsNewWorkflowExecution,
            ContinueAsNewWorkflowExecutionCommandAttributes = new(),
        };

        public static Command Timer(string id, int seconds) => new()
        {
            CommandType = CommandType.StartTimer,
            StartTimerCommandAttributes = new() { TimerId = id, StartToFireTimeout = new() { Seconds = seconds } },
        };

        public static Command Activity(string id) => new()
        {
            CommandType = CommandType.ScheduleActivityTask,
            ScheduleActivityTaskCommandAttributes = new()
            {
                ActivityId = id,
                ActivityType = new() { Name = "act" },
                TaskQueue = new() { Name = "queue" },
                StartToCloseTimeout = new() { Seconds = 20 },
            },
        };
    }

    sealed class LogLines : ILogger
    {
        readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel level) => level >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) if (IsEnabled(level)) _lines.Add(formatter(state, exception));
        }
    }
}
