using System.Text.Json;

namespace LogPipeline.TestSupport;

/// <summary>
/// A table of tests/Field: inputs as users have them, what comes out, and where that is laid down.
/// </summary>
public static class FieldTable
{
    /// <param name="table">The file's name, without its end.</param>
    /// <returns>The rows' names, for a theory.</returns>
    public static IEnumerable<object[]> Names(string table) => Rows(table).Select(row => new object[] { row.Name });

    public static FieldRow Row(string table, string name) => Rows(table).Single(row => row.Name == name);

    static List<FieldRow> Rows(string table)
    {
        var file = Path.Combine(Repository.Root, "tests", "Field", table + ".json");
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return [.. json.RootElement.EnumerateArray().Select(row => new FieldRow(row.GetProperty("name").GetString()!,
            row.GetProperty("input").Clone(), row.GetProperty("expected").Clone(), row.GetProperty("source").GetString()!))];
    }
}

/// <param name="Name">What the row shows; unique in its table.</param>
/// <param name="Input">As the table's test reads it.</param>
/// <param name="Expected">As the table's test reads it.</param>
/// <param name="Source">Where it is laid down that this is right.</param>
public sealed record FieldRow(string Name, JsonElement Input, JsonElement Expected, string Source);
