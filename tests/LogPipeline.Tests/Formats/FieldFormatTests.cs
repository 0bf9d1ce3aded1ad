using System.Buffers;
using System.Text.Json;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Formats;

/// <summary>The rows of tests/Field/formats.json: a record, and the line that a format makes of it.</summary>
public sealed class FieldFormatTests
{
    const string Table = "formats";

    public static IEnumerable<object[]> Names => FieldTable.Names(Table);

    [Theory]
    [MemberData(nameof(Names))]
    public void ARecordBecomesTheLineOfTheTable(string name)
    {
        var row = FieldTable.Row(Table, name);
        var record = Encoding.UTF8.GetBytes(row.Input.GetProperty("record").GetString()!);
        var lines = new ArrayBufferWriter<byte>();
        if (row.Input.GetProperty("format").GetString() == "json") FlatJsonFormatter.Write(record, lines);
        else TextFormatter.Write(record, TextTemplate.Parse(TemplateOf(row.Input)), lines);
        Encoding.UTF8.GetString(lines.WrittenSpan).ShouldBe(row.Expected.GetString());
    }

    static string TemplateOf(JsonElement input) =>
        input.TryGetProperty("template", out var template) ? template.GetString()! : TextTemplate.DefaultText;
}
