namespace LogPipeline.Worker.Ordering;

/// <summary>
/// The batches of one run of an application that wait in this worker, and whether anything before them moves.
/// </summary>
sealed class WaitingRow(TimeProvider time)
{
    readonly Lock _lock = new();
    readonly SortedDictionary<long, RowMember> _members = [];
    bool _isClosed;
    long _movedAt = long.MinValue;
    int _joins;

    /// <returns>Null: the row has ended; begin another.</returns>
    public RowMember? Join(LogBatchHeader header, ReadOnlyMemory<byte> records)
    {
        lock (_lock)
        {
            if (_isClosed) return null;
            if (!_members.TryGetValue(header.FirstSequence, out var member))
                _members[header.FirstSequence] = member = new RowMember(header, records);
            _joins++;
            member.Count++;
            return member;
        }
    }

    /// <summary>How often somebody has joined.</summary>
    public int Joins
    {
        get
        {
            lock (_lock) return _joins;
        }
    }

    public void Leave(RowMember member)
    {
        lock (_lock)
        {
            if (--member.Count == 0) _members.Remove(member.Id.FirstSequence);
        }
    }

    /// <summary>Ends the row if nobody waits in it.</summary>
    public bool TryClose()
    {
        lock (_lock) return _isClosed = _members.Count == 0;
    }

    /// <summary>Those that wait, the newest first.</summary>
    public IReadOnlyList<RowMember> Members()
    {
        lock (_lock) return [.. _members.Values.Reverse()];
    }

    public RowMember? Find(BatchId id)
    {
        lock (_lock) return _members.TryGetValue(id.FirstSequence, out var member) && member.Id == id ? member : null;
    }

    /// <summary>Something before the members was written or found.</summary>
    public void Moved() => Volatile.Write(ref _movedAt, time.GetTimestamp());

    public bool HasMovedSince(long timestamp) => Volatile.Read(ref _movedAt) > timestamp;

    /// <summary>Waits for a member's receipt while the row moves.</summary>
    /// <param name="member">Of this row.</param>
    /// <param name="stillMax">Longest wait while nothing moves.</param>
    /// <param name="max">Longest wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null: it has not come in time.</returns>
    public async Task<WriteReceipt?> WaitAsync(RowMember member, TimeSpan stillMax, TimeSpan max,
        CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var still = time.GetElapsedTime(Math.Max(begun, Volatile.Read(ref _movedAt)));
            var left = TimeSpan.FromTicks(Math.Min((stillMax - still).Ticks, (max - time.GetElapsedTime(begun)).Ticks));
            if (left <= TimeSpan.Zero) return null;
            try
            {
                return await member.Receipt.WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Perhaps something has moved meanwhile.
            }
        }
    }
}
