using FsCheck;
using FsCheck.Fluent;
using Temporalio.Common.EnvConfig;

namespace Temporalio.Tests.Client;

public sealed class TomlTests
{
    [Fact]
    public void TextsOfAllFourKindsAreRead()
    {
        var table = Toml.Parse("""""
            basic = "a\tb \"c\" \u00e9 \\ # no comment"
            literal = 'C:\path "x"'   # a comment
            lines = """
            one
            two \
              three"""
            raw = '''
            -----BEGIN-----
            \x
            '''
            """"");
        table.Text("basic").ShouldBe("a\tb \"c\" é \\ # no comment");
        table.Text("literal").ShouldBe("""C:\path "x" """.TrimEnd());
        table.Text("lines").ShouldBe("one\ntwo three");
        table.Text("raw").ShouldBe("-----BEGIN-----\n\\x\n");
    }

    [Fact]
    public void KeysMayBeDottedAndQuoted()
    {
        var table = Toml.Parse("a.\"b c\".'d' = true\r\n[ x . y ]\r\nz = false\r\n[x]\r\nw = { v.u = 'deep', t = 12 }");
        table.Table("a")!.Table("b c")!.Bool("d").ShouldBe(true);
        table.Table("x")!.Table("y")!.Bool("z").ShouldBe(false);
        table.Table("x")!.Table("w")!.Table("v")!.Text("u").ShouldBe("deep");
    }

    [Fact]
    public void NumbersAndDatesArePassedOver() =>
        Toml.Parse("a = 1\nb = -2.5e3\nc = 2026-11-21T08:00:00Z\nd = inf").Keys.ShouldBe(["a", "b", "c", "d"]);

    [Theory]
    [InlineData("a = localhost", 1, "put texts in quotes")]
    [InlineData("\n\na =", 3, "a value was expected")]
    [InlineData("a", 1, "a '=' follows the key")]
    [InlineData("= 'a'", 1, "a key was expected, not '='")]
    [InlineData("a = 'b' c", 1, "not go on with 'c'")]
    [InlineData("a = 'b", 1, "does not end on its line")]
    [InlineData("a = \"b\nc\"", 1, "does not end on its line")]
    [InlineData("\na = \"\"\"\nb\n", 2, "does not end")]
    [InlineData("a = \"C:\\path\"", 1, "'\\p' is no escape")]
    [InlineData("a = \"\\ud800\"", 1, "hexadecimal digits that name a character")]
    [InlineData("a = ['b']", 1, "arrays are not used")]
    [InlineData("[[a]]", 1, "arrays of tables")]
    [InlineData("[a\nb = 'c'", 1, "a ']' ends the table's name")]
    [InlineData("[a]\n[a]", 2, "a second time")]
    [InlineData("a = 'b'\na = 'c'", 2, "the first is on line 1")]
    [InlineData("a = 'b'\n[a]", 2, "'a' is a value on line 1")]
    [InlineData("a = { b = 'c'", 1, "a '}' ends an inline table")]
    [InlineData("a = { b = 'c'\n}", 1, "the end of the line")]
    public void AMistakeIsNamedWithItsLine(string text, int line, string why)
    {
        var error = Should.Throw<TomlException>(() => Toml.Parse(text));
        error.Line.ShouldBe(line);
        error.Message.ShouldContain(why);
    }

    [Fact]
    public void AValueOfTheWrongKindIsNamedWithItsLine()
    {
        var table = Toml.Parse("\na = 1\nb = 'c'");
        Should.Throw<TomlException>(() => table.Text("a")).Line.ShouldBe(2);
        Should.Throw<TomlException>(() => table.Bool("b")).Message.ShouldBe("'b' must be true or false.");
        Should.Throw<TomlException>(() => table.Table("b")).Message.ShouldBe("'b' must be a table.");
    }

    [Fact]
    public void NestingHasABound() =>
        Should.Throw<TomlException>(() => Toml.Parse(string.Concat(Enumerable.Repeat("a = {", 10_000)))).Message.ShouldContain("deep");

    [Fact]
    public void AnyTextIsEitherReadOrRefused() =>
        Prop.ForAll(Gen.Elements("[", "]", "{", "}", "=", ".", "\"", "'", "\\", "\n", "#", "a", " ", "true", "\"\"\"", "'''", ",", "é", "\\u00").ListOf().ToArbitrary(), parts =>
        {
            try
            {
                Toml.Parse(string.Concat(parts));
            }
            catch (TomlException)
            {
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
