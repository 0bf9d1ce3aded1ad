using LogPipeline.Worker;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;

namespace LogPipeline.Tests.Hosting;

/// <summary>
/// What the official package is told of how the worker polls: no test can wait for the day on which a default of it changes.
/// </summary>
public sealed class PollingTests
{
    [Fact]
    public void TheQueueTheBatchesAtATimeAndTheTimeAtTheEndAreThoseOfTheVariables()
    {
        var told = Told(("LOG_TASK_QUEUE", "other-queue"), ("LOG_CONCURRENT_BATCHES", "7"), ("LOG_SHUTDOWN_TIMEOUT", "3s"),
            ("LOG_WORKER_NAME", "one"));
        told.TaskQueue.ShouldBe("other-queue");
        SlotsOf(told.Tuner!.ActivityTaskSlotSupplier).ShouldBe(7);
        SlotsOf(told.Tuner.LocalActivitySlotSupplier).ShouldBe(7);
        told.GracefulShutdownTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        told.Identity.ShouldNotBeNull().ShouldStartWith("one/");
    }

    [Fact]
    public void EightPollsOfTenGoToTheNormalQueueWhereBatchesAre()
    {
        var told = Told();
        MaximumOf(told.WorkflowTaskPollerBehavior).ShouldBe(10);
        MaximumOf(told.ActivityTaskPollerBehavior).ShouldBe(5);
        told.NonStickyToStickyPollRatio.ShouldBe(0.8F);
        SlotsOf(told.Tuner!.WorkflowTaskSlotSupplier).ShouldBe(100);
    }

    [Fact]
    public void NobodyWatchesEveryTaskOfTheProcess() => Told().DisableWorkflowTracingEventListener.ShouldBeTrue();

    static int SlotsOf(SlotSupplier supplier) => supplier.ShouldBeOfType<FixedSizeSlotSupplier>().SlotCount;

    static int MaximumOf(PollerBehavior? behavior) => behavior.ShouldBeOfType<PollerBehavior.SimpleMaximum>().Maximum;

    static TemporalWorkerOptions Told(params (string Name, string Value)[] variables)
    {
        var (options, connection) = LogWorkerOptions.Read(
            variables.Append(("TEMPORAL_CONFIG_FILE", "/nowhere/temporal.toml")).ToDictionary(one => one.Item1, one => one.Item2));
        var activity = new LogProcessingActivity(null!, NullLogger<LogProcessingActivity>.Instance);
        using var service = new WorkerService(options, connection, null!, activity, null!, null!, null!, TimeProvider.System,
            NullLogger<WorkerService>.Instance);
        return service.WorkerOptions();
    }
}
