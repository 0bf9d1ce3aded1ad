using Google.Protobuf;
using Temporalio.Api.History.V1;
using TemporalDevServer.Engine.State;

namespace TemporalDevServer.Journal;

// The fields of RunState, then its events as fields that state.proto leaves free:
//
//   45   one numbered event, in order
//   46   one event that waits for a workflow task to end, in order

/// <summary>A run as a snapshot holds it.</summary>
static class RunRecord
{
    const int HistoryField = 45;
    const int BufferedField = 46;

    public static byte[] Write(RunState run)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory))
        {
            run.WriteTo(output);
            WriteEvents(output, HistoryField, run.History);
            WriteEvents(output, BufferedField, run.Buffered);
        }
        return memory.ToArray();
    }

    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public static RunState Read(byte[] record)
    {
        var run = Fields.ParseFrom(record);
        var input = new CodedInputStream(record);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == Tag(HistoryField)) run.History.Add(ReadEvent(input));
            else if (tag == Tag(BufferedField)) run.Buffered.Add(ReadEvent(input));
            else input.SkipLastField();
        }
        return run;
    }

    // The events are no part of it; it would keep them as fields that it does not know.
    static readonly MessageParser<RunState> Fields = RunState.Parser.WithDiscardUnknownFields(true);

    static void WriteEvents(CodedOutputStream output, int field, List<HistoryEvent> events)
    {
        foreach (var e in events)
        {
            output.WriteTag(Tag(field));
            output.WriteMessage(e);
        }
    }

    static HistoryEvent ReadEvent(CodedInputStream input)
    {
        var e = new HistoryEvent();
        input.ReadMessage(e);
        return e;
    }

    static uint Tag(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
}
