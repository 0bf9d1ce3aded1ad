using System.Text.Json;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// The rows of tests/Field/redaction.json: a text, or a text with a scope, and what becomes of it. A ~~ breaks what a
/// scanner of secrets would take for one, and is taken out here.
/// </summary>
public sealed class FieldRedactionTests
{
    const string Table = "redaction";

    public static IEnumerable<object[]> Names => FieldTable.Names(Table);

    [Theory]
    [MemberData(nameof(Names))]
    public void ATextBecomesWhatTheTableSays(string name)
    {
        var row = FieldTable.Row(Table, name);
        var isText = row.Input.ValueKind == JsonValueKind.String;
        var scope = isText ? new RedactionOptions().Scope : Enum.Parse<RedactionScope>(row.Input.GetProperty("scope").GetString()!);
        var input = Text(isText ? row.Input : row.Input.GetProperty("text"));
        var redactor = new Redactor(scope, [], null, null);
        var output = redactor.Replacement("@m", input) ?? input;
        output.ShouldBe(Text(row.Expected));
        redactor.Replacement("@m", output).ShouldBeNull("What is redacted stays as it is.");
    }

    static string Text(JsonElement text) => text.GetString()!.Replace("~~", "");
}
