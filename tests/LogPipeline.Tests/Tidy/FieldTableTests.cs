namespace LogPipeline.Tests.Tidy;

/// <summary>The tables of cases from the field say where each of them is laid down.</summary>
public sealed class FieldTableTests
{
    const int RowsLeast = 120;

    [Fact]
    public void EveryRowHasANameOfItsOwnAndASource()
    {
        var rows = Directory.GetFiles(Repository.PathOf("tests", "Field"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file))
            .SelectMany(table => FieldTable.Names(table).Select(name => (Table: table, Row: FieldTable.Row(table, (string)name[0]))))
            .ToList();
        rows.Count.ShouldBeGreaterThanOrEqualTo(RowsLeast);
        rows.Select(row => (row.Table, row.Row.Name)).ShouldBeUnique();
        rows.ShouldAllBe(row => row.Row.Source.Length > 0);
    }
}
