using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// Where every event is. Each change moves events from one location to another under one lock, so that the books
/// balance in every snapshot: emitted + notices + adopted = filtered + queued + spooled + accepted + written to files +
/// set aside + dropped.
/// </summary>
sealed class Books
{
    readonly long[] _locations = new long[Enum.GetValues<Location>().Length];
    readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    readonly long[] _filtered = new long[Enum.GetValues<FilterReason>().Length];
    long _emitted;
    long _notices;
    long _adopted;

    /// <summary>Guards the books, and the queue as well, so that an event enters both in one step.</summary>
    public object Gate { get; } = new();

    /// <summary>Under the gate already: a lock that is taken twice is paid for twice, by every event.</summary>
    public void EmittedUnderGate(Location into)
    {
        _emitted++;
        _locations[(int)into]++;
    }

    public void EmittedAndDropped(DropReason reason)
    {
        lock (Gate)
        {
            _emitted++;
            _dropped[(int)reason]++;
        }
    }

    public void EmittedAndFiltered(FilterReason reason)
    {
        lock (Gate)
        {
            _emitted++;
            _filtered[(int)reason]++;
        }
    }

    /// <summary>The sink has made an event itself.</summary>
    public void Notice(Location into)
    {
        lock (Gate)
        {
            _notices++;
            _locations[(int)into]++;
        }
    }

    public void NoticeDropped(DropReason reason)
    {
        lock (Gate)
        {
            _notices++;
            _dropped[(int)reason]++;
        }
    }

    /// <summary>Records of an earlier process were found in the spool.</summary>
    public void Adopted(long count)
    {
        lock (Gate)
        {
            _adopted += count;
            _locations[(int)Location.Spool] += count;
        }
    }

    public void Move(Location from, Location to, long count)
    {
        lock (Gate)
        {
            _locations[(int)from] -= count;
            _locations[(int)to] += count;
        }
    }

    public void Drop(Location from, DropReason reason, long count)
    {
        lock (Gate)
        {
            _locations[(int)from] -= count;
            _dropped[(int)reason] += count;
        }
    }

    public long In(Location location)
    {
        lock (Gate) return _locations[(int)location];
    }

    public PublisherStats GetSnapshot()
    {
        lock (Gate)
        {
            return new PublisherStats
            {
                Emitted = _emitted,
                Notices = _notices,
                Adopted = _adopted,
                Queued = _locations[(int)Location.Queue],
                Spooled = _locations[(int)Location.Spool],
                Accepted = _locations[(int)Location.Temporal],
                WrittenToFiles = _locations[(int)Location.Files],
                SetAside = _locations[(int)Location.Aside],
                FilteredByReason = Enum.GetValues<FilterReason>().Where(reason => _filtered[(int)reason] > 0)
                    .ToDictionary(reason => reason, reason => _filtered[(int)reason]),
                DroppedByReason = Enum.GetValues<DropReason>().Where(reason => _dropped[(int)reason] > 0)
                    .ToDictionary(reason => reason, reason => _dropped[(int)reason]),
            };
        }
    }
}
