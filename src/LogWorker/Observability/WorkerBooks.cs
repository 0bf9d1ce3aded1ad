namespace LogPipeline.Worker.Observability;

/// <summary>Counts what the worker does. Written by the writer's loop and by activities, read by any thread.</summary>
sealed class WorkerBooks(TimeProvider time)
{
    /// <summary>Channels that are told apart, as each is a label of a metric.</summary>
    public const int ChannelsMax = 100;

    /// <summary>What the channels beyond are called; no channel's name has a bracket.</summary>
    public const string Others = "(others)";

    readonly Lock _gate = new();
    readonly DateTimeOffset _startedAt = time.GetUtcNow();
    readonly RecentRate _rate = new(time);
    readonly RecentTimes _latencies = new();
    readonly Dictionary<(string Channel, string Level), long> _volume = [];
    readonly Dictionary<string, RecentRate> _channels = new(StringComparer.Ordinal);
    long _batches;
    long _written;
    long _bytes;
    long _filtered;
    long _overflowed;
    long _deadLettered;
    long _letters;
    long _failedAttempts;
    long _outOfOrder;
    long _copied;
    long _canaries;
    long _canariesMissing;
    CanaryResult? _canary;

    /// <summary>A batch is on the disk.</summary>
    /// <param name="records">Its lines.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="filtered">Its records without a line.</param>
    /// <param name="overflowed">Its lines in the channel <c>overflow</c>.</param>
    /// <param name="latency">Since its first event; null: that is not known.</param>
    public void Written(long records, long bytes, long filtered, long overflowed, TimeSpan? latency)
    {
        lock (_gate)
        {
            _batches++;
            _written += records;
            _bytes += bytes;
            _filtered += filtered;
            _overflowed += overflowed;
            _rate.Add(records);
            if (latency is { } time) _latencies.Add(time);
        }
    }

    public void WrittenOf(string channel, string level, long records)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(channel, out var rate))
            {
                if (_channels.Count == ChannelsMax) channel = Others;
                else _channels[channel] = rate = new RecentRate(time);
            }
            rate?.Add(records);
            _volume[(channel, level)] = _volume.GetValueOrDefault((channel, level)) + records;
        }
    }

    public void DeadLettered(long records)
    {
        lock (_gate) (_letters, _deadLettered) = (_letters + 1, _deadLettered + records);
    }

    /// <summary>A canary came through, or is missing.</summary>
    public void Canary(CanaryResult result)
    {
        lock (_gate)
        {
            _canary = result;
            _canaries++;
            if (result.Problem is not null) _canariesMissing++;
        }
    }

    public void Failed(int batches) => Interlocked.Add(ref _failedAttempts, batches);

    public void OutOfOrder() => Interlocked.Increment(ref _outOfOrder);

    public void Copied(int batches) => Interlocked.Add(ref _copied, batches);

    /// <summary>As in <see cref="WorkerStats"/>, at no cost.</summary>
    public long Overflowed => Interlocked.Read(ref _overflowed);

    /// <summary>Records a second over the last minute, by channel; without <see cref="Others"/>.</summary>
    public IReadOnlyDictionary<string, double> ReadChannelRates()
    {
        lock (_gate) return _channels.ToDictionary(one => one.Key, one => one.Value.PerSecond, StringComparer.Ordinal);
    }

    public WorkerStats Read()
    {
        lock (_gate)
            return new WorkerStats
            {
                StartedAt = _startedAt, Batches = _batches, Written = _written, Bytes = _bytes, Filtered = _filtered,
                Overflowed = _overflowed, DeadLettered = _deadLettered, Letters = _letters,
                FailedAttempts = Interlocked.Read(ref _failedAttempts), OutOfOrder = Interlocked.Read(ref _outOfOrder),
                Copied = Interlocked.Read(ref _copied), RecordsPerSecond = _rate.PerSecond,
                Latencies = _latencies.Copy(), Canaries = _canaries, CanariesMissing = _canariesMissing, LastCanary = _canary,
                Volume = [.. _volume.Select(one => new VolumeStats(one.Key.Channel, one.Key.Level, one.Value))],
            };
    }
}
