using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.Tests.Replay;

/// <summary>Histories of batches as a real server told them (CONTRIBUTING.md): today's workflow must still do what it did then.</summary>
public sealed class ReplayTests
{
    static readonly string Folder = Repository.PathOf("tests", "LogPipeline.Tests", "Replay", "Histories");

    public static TheoryData<string> Files => 
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>Waits before it writes, which the recorded one did not.</summary>
    [Workflow(PipelineDefaults.WorkflowName)]
    public sealed class ChangedWorkflow
    {
        [WorkflowRun]
        public async Task RunAsync(LogBatchHeader header, IRawValue records)
        {
            await Workflow.DelayAsync(TimeSpan.FromSeconds(1));
            await Workflow.ExecuteLocalActivityAsync(
                (ILogProcessingActivity activity) => activity.WriteAsync(header, records),
                new() { StartToCloseTimeout = TimeSpan.FromSeconds(20) });
        }
    }

    [Theory, MemberData(nameof(Files))]
    public async Task TodaysWorkflowFitsARecordedHistory(string file) =>
        await Replayer<LogProcessingWorkflow>().ReplayWorkflowAsync(Read(file));

    [Theory, MemberData(nameof(Files))]
    public async Task AChangedWorkflowDoesNot(string file)
    {
        var result = await Replayer<ChangedWorkflow>().ReplayWorkflowAsync(Read(file), throwOnReplayFailure: false);
        result.ReplayFailure.ShouldBeOfType<WorkflowNondeterminismException>();
    }

    static WorkflowReplayer Replayer<TWorkflow>() => new(new WorkflowReplayerOptions().AddWorkflow<TWorkflow>());

    static WorkflowHistory Read(string file) =>
        WorkflowHistory.FromJson(Path.GetFileNameWithoutExtension(file), File.ReadAllText(Path.Combine(Folder, file)));
}
