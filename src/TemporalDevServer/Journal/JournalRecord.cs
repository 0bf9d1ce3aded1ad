using System.Buffers.Binary;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

// One record, little-endian:
//
//   8   number of the input, from 1
//   8   instant at which it was stepped, in ticks
//   8   id of the call, or 0
//   4   the engine's mark before the step
//   4   kind: the number of a call (Calls.cs), or one of those below
//   n   the request as it came, or the namespace's name

/// <summary>One input as the journal keeps it.</summary>
readonly record struct JournalRecord(long Number, DateTime Time, uint Mark, EngineInput Input)
{
    public const int HeadBytes = 32;

    const int Expire = 1_000_001;
    const int Abandon = 1_000_002;
    const int Tick = 1_000_003;
    const int Restart = 1_000_004;
    const int EnsureNamespace = 1_000_005;

    /// <summary>What goes in front of <see cref="Body"/>.</summary>
    public void WriteHead(Span<byte> head)
    {
        var (kind, callId) = Input switch
        {
            CallInput call => (call.Call.Number, call.CallId),
            ExpireInput expire => (Expire, expire.CallId),
            AbandonInput abandon => (Abandon, abandon.CallId),
            TickInput => (Tick, 0L),
            RestartInput => (Restart, 0L),
            EnsureNamespaceInput => (EnsureNamespace, 0L),
            _ => throw new InvalidOperationException($"{Input.GetType().Name} has no place in a journal."),
        };
        BinaryPrimitives.WriteInt64LittleEndian(head, Number);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], Time.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], callId);
        BinaryPrimitives.WriteUInt32LittleEndian(head[24..], Mark);
        BinaryPrimitives.WriteInt32LittleEndian(head[28..], kind);
    }

    /// <param name="bytes">The call's request as it was received.</param>
    public ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> bytes) =>
        Input is EnsureNamespaceInput ensure ? Encoding.UTF8.GetBytes(ensure.Name) : bytes;

    /// <exception cref="InvalidDataException">This program does not know its kind.</exception>
    public static JournalRecord Parse(ReadOnlySpan<byte> record)
    {
        if (record.Length < HeadBytes)
            throw new InvalidDataException($"a record of {record.Length} bytes is too short");
        var callId = BinaryPrimitives.ReadInt64LittleEndian(record[16..]);
        var kind = BinaryPrimitives.ReadInt32LittleEndian(record[28..]);
        var body = record[HeadBytes..];
        EngineInput input = kind switch
        {
            Expire => new ExpireInput(callId),
            Abandon => new AbandonInput(callId),
            Tick => new TickInput(),
            Restart => new RestartInput(),
            EnsureNamespace => new EnsureNamespaceInput(Encoding.UTF8.GetString(body)),
            _ => new CallInput(callId, Request(kind, body)),
        };
        return new JournalRecord(
            BinaryPrimitives.ReadInt64LittleEndian(record),
            new DateTime(BinaryPrimitives.ReadInt64LittleEndian(record[8..]), DateTimeKind.Utc),
            BinaryPrimitives.ReadUInt32LittleEndian(record[24..]),
            input);
    }

    static IMessage Request(int kind, ReadOnlySpan<byte> body)
    {
        var call = Calls.Numbered(kind) ?? throw new InvalidDataException($"a record is of the unknown kind {kind}");
        try
        {
            return call.Parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"a record of kind {kind} cannot be read: {e.Message}", e);
        }
    }
}
