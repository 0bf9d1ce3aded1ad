namespace Temporalio.Worker.Tuning;

public enum SlotType
{
    Workflow,
    Activity,
    LocalActivity,

    /// <summary>Not used: this SDK runs no Nexus operations.</summary>
    NexusOperation,
}

/// <summary>A slot that a <see cref="CustomSlotSupplier"/> gave out.</summary>
public class SlotPermit
{
    public SlotPermit()
    {
    }

    public SlotPermit(object data) => UserData = data;

    /// <summary>For the supplier alone.</summary>
    public object? UserData { get; init; }
}

/// <summary>What a slot is used for.</summary>
public record SlotInfo
{
    SlotInfo()
    {
    }

    public record WorkflowSlotInfo(string WorkflowType, bool IsSticky) : SlotInfo();

    public record ActivitySlotInfo(string ActivityType) : SlotInfo();

    public record LocalActivitySlotInfo(string ActivityType) : SlotInfo();

    /// <summary>Not used: this SDK runs no Nexus operations.</summary>
    public record NexusOperationSlotInfo(string ServiceHandlerType, string OperationName) : SlotInfo();
}

/// <param name="SlotType">Which kind of task.</param>
/// <param name="TaskQueue">The worker's.</param>
/// <param name="WorkerIdentity">The worker's.</param>
/// <param name="WorkerBuildId">The worker's.</param>
/// <param name="IsSticky">Whether the poll is for workflows that the worker remembers.</param>
public record SlotReserveContext(SlotType SlotType, string TaskQueue, string WorkerIdentity, string WorkerBuildId, bool IsSticky);

/// <param name="SlotInfo">What runs in it.</param>
/// <param name="Permit">The slot.</param>
public record SlotMarkUsedContext(SlotInfo SlotInfo, SlotPermit Permit);

/// <param name="SlotInfo">What ran in it; null: nothing.</param>
/// <param name="Permit">The slot.</param>
public record SlotReleaseContext(SlotInfo? SlotInfo, SlotPermit Permit);
