using Microsoft.Extensions.Logging;

namespace Temporalio.Worker.Tuning;

/// <summary>The slots of one kind of a worker: reserved before a poll, used by a task, given back.</summary>
sealed class WorkerSlots
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim? _fixed;
    readonly CustomSlotSupplier? _custom;
    readonly SlotReserveContext _context;
    readonly SlotReserveContext _stickyContext;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Lock _lock = new();

    // Guarded by the lock.
    int _held;
    TaskCompletionSource? _drained;
    bool _closed;

    int _used;

    /// <exception cref="ArgumentException">A fixed number is not positive.</exception>
    public WorkerSlots(SlotSupplier supplier, SlotReserveContext context, TimeProvider time, ILogger logger)
    {
        _context = context;
        _stickyContext = context with { IsSticky = true };
        _time = time;
        _logger = logger;
        switch (supplier)
        {
            case FixedSizeSlotSupplier { SlotCount: > 0 } size:
                Size = size.SlotCount;
                _fixed = new(size.SlotCount, size.SlotCount);
                break;
            case FixedSizeSlotSupplier size:
                throw new ArgumentException($"The number of {context.SlotType} slots was {size.SlotCount}; it must be positive.");
            case CustomSlotSupplier custom:
                _custom = custom;
                break;
        }
    }

    /// <summary>How many there are; null: the supplier decides as it goes.</summary>
    public int? Size { get; }

    /// <summary>Hears of each change of the number of slots that tasks use.</summary>
    public Action<int>? UsedChanged { get; set; }

    /// <summary>Slots that nobody holds; null when the supplier decides as it goes.</summary>
    public int? Free => _fixed?.CurrentCount;

    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<WorkerSlot> ReserveAsync(bool sticky, CancellationToken cancellationToken)
    {
        if (_fixed != null)
        {
            await _fixed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return Take(null);
        }
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return Take(await _custom!.ReserveSlotAsync(ContextOf(sticky), cancellationToken).ConfigureAwait(false));
            }
            // The supplier is user code; without a slot there is no polling, so it is asked again.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                TuningLog.SupplierFailed(_logger, e, _context.SlotType, nameof(CustomSlotSupplier.ReserveSlotAsync));
            }
            await Task.Delay(RetryDelay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A slot when there is one at once; never after <see cref="Close"/>.</summary>
    public WorkerSlot? TryReserve(bool sticky = false)
    {
        lock (_lock)
            if (_closed) return null;
        if (_fixed != null) return _fixed.Wait(0) ? Take(null) : null;
        SlotPermit? permit = null;
        Call(nameof(CustomSlotSupplier.TryReserveSlot), custom => permit = custom.TryReserveSlot(ContextOf(sticky)));
        return permit == null ? null : Take(permit);
    }

    /// <summary>No slot is given out by <see cref="TryReserve"/> from now on.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
    }

    /// <summary>Completes when nobody holds a slot. To be called when nobody reserves any more.</summary>
    public Task DrainAsync()
    {
        lock (_lock)
        {
            if (_held == 0) return Task.CompletedTask;
            _drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    internal void MarkUsed(SlotPermit? permit, SlotInfo info)
    {
        UsedChanged?.Invoke(Interlocked.Increment(ref _used));
        if (permit != null) Call(nameof(CustomSlotSupplier.MarkSlotUsed), custom => custom.MarkSlotUsed(new(info, permit)));
    }

    internal void Release(SlotPermit? permit, SlotInfo? info)
    {
        if (info != null) UsedChanged?.Invoke(Interlocked.Decrement(ref _used));
        if (permit != null) Call(nameof(CustomSlotSupplier.ReleaseSlot), custom => custom.ReleaseSlot(new(info, permit)));
        _fixed?.Release();
        lock (_lock)
            if (--_held == 0) _drained?.TrySetResult();
    }

    WorkerSlot Take(SlotPermit? permit)
    {
        lock (_lock) _held++;
        return new(this, permit);
    }

    SlotReserveContext ContextOf(bool sticky) => sticky ? _stickyContext : _context;

    void Call(string name, Action<CustomSlotSupplier> call)
    {
        try
        {
            call(_custom!);
        }
        // The supplier is user code; what it throws must not end a poller or a task.
        catch (Exception e)
        {
            TuningLog.SupplierFailed(_logger, e, _context.SlotType, name);
        }
    }
}

/// <summary>One slot, held by a poll or a task.</summary>
sealed class WorkerSlot(WorkerSlots slots, SlotPermit? permit)
{
    SlotInfo? _info;
    int _released;

    public void MarkUsed(SlotInfo info)
    {
        _info = info;
        slots.MarkUsed(permit, info);
    }

    /// <summary>Once; more often does nothing.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0) slots.Release(permit, _info);
    }
}

static partial class TuningLog
{
    [LoggerMessage(5401, LogLevel.Error, "The {SlotType} slot supplier's {Method} failed")]
    public static partial void SupplierFailed(ILogger logger, Exception error, SlotType slotType, string method);
}
