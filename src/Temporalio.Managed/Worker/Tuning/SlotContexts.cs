namespace Temporalio.Worker.Tuning;

/// <summary>The kinds of tasks; each has slots of its own.</summary>
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

    /// <summary>A workflow task; whether it is one of a run that the worker remembers.</summary>
    public record WorkflowSlotInfo(string WorkflowType, bool IsSticky) : SlotInfo();

    /// <summary>An activity.</summary>
    public record ActivitySlotInfo(string ActivityType) : SlotInfo();

    /// <summary>A local activity.</summary>
    public record LocalActivitySlotInfo(string ActivityType) : SlotInfo();

    /// <summary>Not used: this SDK runs no Nexus operations.</summary>
    public record NexusOperationSlotInfo(string ServiceHandlerType, string OperationName) : SlotInfo();
}

/// <summary>A poll, or an eager activity, that needs a slot.</summary>
/// <param name="SlotType">Which kind of task.</param>
/// <param name="TaskQueue">The worker's.</param>
/// <param name="WorkerIdentity">The worker's.</param>
/// <param name="WorkerBuildId">The worker's.</param>
/// <param name="IsSticky">Whether the poll is for workflows that the worker remembers.</param>
public record SlotReserveContext(SlotType SlotType, string TaskQueue, string WorkerIdentity, string WorkerBuildId, bool IsSticky);

/// <summary>A slot begins to be used.</summary>
/// <param name="SlotInfo">What runs in it.</param>
/// <param name="Permit">The slot.</param>
public record SlotMarkUsedContext(SlotInfo SlotInfo, SlotPermit Permit);

/// <summary>A slot comes back.</summary>
/// <param name="SlotInfo">What ran in it; null: nothing.</param>
/// <param name="Permit">The slot.</param>
public record SlotReleaseContext(SlotInfo? SlotInfo, SlotPermit Permit);
