using System.Text;
using LogPipeline.Publisher.Buffering;

namespace LogPipeline.Publisher.Spooling;

/// <summary>Takes records out of the reader's memory into a batch. A channel's name is made once for all records that follow each other in it.</summary>
sealed class RecordCopier
{
    byte[] _channelBytes = [];
    string _channel = "";

    public void Add(BatchBuilder batch, in SpooledRecord record)
    {
        if (!record.Channel.Span.SequenceEqual(_channelBytes))
        {
            _channelBytes = record.Channel.ToArray();
            _channel = Encoding.UTF8.GetString(_channelBytes);
        }
        batch.Add(record.Sequence, record.Time, record.Level, _channel, record.Line.ToArray());
    }
}
