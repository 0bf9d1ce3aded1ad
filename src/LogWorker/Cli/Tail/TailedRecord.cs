using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>A record as its file has it.</summary>
/// <param name="Channel">Whose file it is.</param>
/// <param name="Format">The file's.</param>
/// <param name="Lines">UTF-8, without the last line feed; only text has others.</param>
/// <param name="Head">What it says of itself.</param>
/// <param name="Order">Its place among records of other channels: its time, else the one at which its file was last written.</param>
sealed record TailedRecord(ChannelName Channel, LogFormat Format, byte[] Lines, RecordHead Head, DateTimeOffset Order);
