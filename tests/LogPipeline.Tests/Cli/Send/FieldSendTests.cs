using System.CommandLine;
using System.Text.Json;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli.Send;
using Serilog.Events;

namespace LogPipeline.Tests.Cli.Send;

/// <summary>
/// The rows of tests/Field/send.json: what a file holds (<c>text</c>, or <c>bytes</c> as base64), the flags, and the
/// records: the message, or the fields that are looked at. A number behind a field is a time in seconds after the clock's.
/// The clock shows <c>now</c>, and the machine's zone is an hour ahead of it.
/// </summary>
public sealed class FieldSendTests
{
    const string Table = "send";

    static readonly RecordFormatter Records = new(new CaptureContext(new TemporalSinkOptions { Source = "shop" }), "i1");

    public static IEnumerable<object[]> Names => FieldTable.Names(Table);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AFileBecomesTheRecordsThatTheTableNames(string name)
    {
        var row = FieldTable.Row(Table, name);
        var events = await EventsAsync(row.Input);
        var expected = row.Expected.EnumerateArray().ToList();
        events.Count.ShouldBe(expected.Count, string.Join('|', events.Select(sent => sent.MessageTemplate.Text)));
        foreach (var (sent, wanted) in events.Zip(expected))
        {
            using var record = JsonDocument.Parse(Records.Format(sent).Complete(1));
            if (wanted.ValueKind == JsonValueKind.String) MessageOf(record.RootElement).ShouldBe(wanted.GetString());
            else
                foreach (var field in wanted.EnumerateObject())
                    Field(record.RootElement, field.Name).ShouldBe(field.Value.ToString(), field.Name);
        }
    }

    static async Task<List<LogEvent>> EventsAsync(JsonElement input)
    {
        var bytes = input.TryGetProperty("bytes", out var base64)
            ? Convert.FromBase64String(base64.GetString()!) : Encoding.UTF8.GetBytes(input.GetProperty("text").GetString()!);
        var clock = new TestClock(input.TryGetProperty("now", out var now)
            ? now.GetDateTimeOffset() : new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("field", TimeSpan.FromHours(1), "field", "field"));
        string[] flags = input.TryGetProperty("flags", out var given)
            ? [.. given.EnumerateArray().Select(flag => flag.GetString()!)] : [];
        var (maker, joiner) = SendCommand.Parts(SendCommand.Create().Parse(flags), clock);
        var reader = new LineReader(new MemoryStream(bytes), "file");
        var events = new List<LogEvent>();
        while (await reader.ReadAsync(default) is { } line)
            if (joiner.TryAdd(line, out var done)) events.Add(maker.Make(done.Text));
        if (joiner.TryEnd(out var last)) events.Add(maker.Make(last.Text));
        return events;
    }

    static string? MessageOf(JsonElement record) =>
        (record.TryGetProperty("@m", out var message) ? message : record.GetProperty("@mt")).GetString()!
            .Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);

    static string? Field(JsonElement record, string name)
    {
        if (name == "message") return MessageOf(record);
        if (!record.TryGetProperty(name, out var value)) return "";
        return value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value.GetRawText() : value.ToString();
    }
}
