using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Cli.Tail;

/// <summary>Which records <c>logworker tail</c> shows, and how.</summary>
public sealed class TailCommandTests : IDisposable
{
    const string First = "app/2026-11-21.001.clef";
    const string Second = "app/2026-11-21.002.clef";
    const string Payments = "payments/2026-11-21.001.json";
    const string Text = "old/2026-11-21.001.log";

    readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    static string Clef(int second, string message, string level = "info", string more = "") => LogFolder.Clef(second, message, level, more);

    static string Flat(int second, string message, string level) =>
        $$"""{"timestamp":"2026-11-21T10:00:{{second:d2}}Z","template":"x","message":"{{message}}","level":"{{level}}","source":"till"}""";

    void Fill()
    {
        _logs.Append(First, Clef(1, "one"), Clef(4, "four", "warning"));
        _logs.Append(Second, Clef(6, "six", "error", ",\"@x\":\"No stock\\n   at Place()\",\"OrderId\":4712"), Clef(7, "seven", "debug"));
        _logs.Append(Payments, Flat(2, "two", "info"), Flat(5, "five", "fatal"));
    }

    [Fact]
    public async Task ChannelsAreMergedByTime()
    {
        Fill();
        _logs.Compress(First);
        (await _logs.RunAsync()).ShouldBe((0, """
            2026-11-21 10:00:01.000Z INF app      shop  one
            2026-11-21 10:00:02.000Z INF payments till  two
            2026-11-21 10:00:04.000Z WRN app      shop  four
            2026-11-21 10:00:05.000Z FTL payments till  five
            2026-11-21 10:00:06.000Z ERR app      shop  six
                No stock
                   at Place()
            2026-11-21 10:00:07.000Z DBG app      shop  seven

            """, ""));
    }

    [Theory]
    [InlineData("--last 2", "six seven")]
    [InlineData("--last 0", "")]
    [InlineData("--level warning", "four five six")]
    [InlineData("--level WARNING --last 1", "six")]
    [InlineData("--level Information --last 5", "one two four five six")]
    [InlineData("--channel app", "one four six seven")]
    [InlineData("--channel app,payments --last 3", "five six seven")]
    [InlineData("--channel app --channel payments --last 3", "five six seven")]
    [InlineData("--grep ^t|^fi", "two five")]
    [InlineData("--grep OrderId=47", "six")]
    [InlineData("--grep source=till --last 1", "five")]
    [InlineData("--grep stock", "six")]
    [InlineData("--grep nothing", "")]
    [InlineData("--since 2026-11-21T10:00:05Z", "five six seven")]
    [InlineData("--since 2026-11-21T12:00:05+02:00 --last 1", "seven")]
    [InlineData("--since 2026-11-21", "one two four five six seven")]
    [InlineData("--since 2026-11-22", "")]
    public async Task OnlyWhatIsAskedForIsShown(string arguments, string shown)
    {
        Fill();
        (await _logs.WordsAsync(arguments.Split(' '))).ShouldBe(shown);
        // Compressed files are read in another way.
        foreach (var file in (string[])[First, Second, Payments]) _logs.Compress(file);
        (await _logs.WordsAsync(arguments.Split(' '))).ShouldBe(shown);
    }

    [Fact]
    public async Task ATimeAgoCountsFromNow()
    {
        var now = DateTimeOffset.UtcNow;
        _logs.Append(First, $$"""{"@t":"{{now.AddMinutes(-11):O}}","@m":"old"}""", $$"""{"@t":"{{now.AddMinutes(-9):O}}","@m":"new"}""");
        (await _logs.WordsAsync("--since", "10m")).ShouldBe("new");
        (await _logs.WordsAsync("--since", "1h")).ShouldBe("old new");
    }

    [Fact]
    public async Task WithSinceAllAreShownAndElseTheLastTen()
    {
        _logs.Append(First, [.. Enumerable.Range(0, 30).Select(i => Clef(i, $"{i}"))]);
        (await _logs.WordsAsync()).ShouldBe(string.Join(' ', Enumerable.Range(20, 10)));
        (await _logs.WordsAsync("--since", "2026-11-21")).ShouldBe(string.Join(' ', Enumerable.Range(0, 30)));
    }

    [Fact]
    public async Task AFileThatWasWrittenBeforeTheTimeIsNotRead()
    {
        _logs.Append(First, Clef(50, "ahead"));
        File.SetLastWriteTimeUtc(Path.Combine(_logs.Path, First), new DateTime(2026, 11, 21, 9, 0, 0, DateTimeKind.Utc));
        (await _logs.WordsAsync("--since", "2026-11-21T10:00Z")).ShouldBe("");
        (await _logs.WordsAsync("--since", "2026-11-21T08:00Z")).ShouldBe("ahead");
    }

    [Fact]
    public async Task ALineThatIsHalfWrittenIsNotShown()
    {
        _logs.Append(First, Clef(1, "one"));
        _logs.AppendText(First, Clef(2, "two")[..^3]);
        (await _logs.WordsAsync()).ShouldBe("one");
        (await _logs.WordsAsync("--since", "2026-11-21")).ShouldBe("one");
        _logs.AppendText(First, "\"}\n");
        (await _logs.WordsAsync()).ShouldBe("one two");
    }

    [Fact]
    public async Task TheLinesOfARecordOfTextStayTogether()
    {
        _logs.Append(Text, "2026-11-21 10:00:01.000 +00:00 [ERR] Order failed", "System.Exception: no stock", "   at Place()",
            "2026-11-21 10:00:03.000 +00:00 [INF] last");
        _logs.Append(First, Clef(2, "two"));
        string[] shown = ["old 2026-11-21 10:00:01.000 +00:00 [ERR] Order failed", "    System.Exception: no stock", "       at Place()",
            "2026-11-21 10:00:02.000Z INF app shop  two", "old 2026-11-21 10:00:03.000 +00:00 [INF] last"];
        foreach (var way in (string[])["--last 3", "--since 2026-11-21"])
            (await _logs.RunAsync(way.Split(' '))).ShouldBe((0, string.Join('\n', shown) + "\n", ""));
        (await _logs.WordsAsync("--grep", "no stock")).ShouldBe("failed");
        (await _logs.WordsAsync("--since", "2026-11-21T10:00:02Z")).ShouldBe("two last");
    }

    [Fact]
    public async Task WhatCannotBeAskedOfTextIsSaid()
    {
        _logs.Append(Text, "no time here", "nor here");
        (await _logs.RunAsync("--level", "error")).ShouldBe((0, "", "old/2026-11-21.001.log is text, whose lines name no level: "
            + "--level leaves them out; --grep finds them.\n".ReplaceLineEndings()));
        (await _logs.RunAsync("--since", "1h", "--channel", "old")).ShouldBe((0, "no time here\nnor here\n",
            "old/2026-11-21.001.log is text that begins with no time: --since leaves none of its lines out.\n".ReplaceLineEndings()));
    }

    [Fact]
    public async Task ForProgramsRecordsAreAsTheyAreInTheirFile()
    {
        Fill();
        _logs.Append(Text, "2026-11-21 10:00:03 a \"text\"");
        (await _logs.RunAsync("-o", "jsonl", "--channel", "payments")).Output.ShouldBe(
            $"{Flat(2, "two", "info")}\n{Flat(5, "five", "fatal")}\n");
        (await _logs.RunAsync("--output", "json", "--channel", "old,payments", "--last", "2")).Output.ShouldBe(
            $"[\n{"""{"channel":"old","text":"2026-11-21 10:00:03 a \"text\""}"""},\n{Flat(5, "five", "fatal")}\n]\n");
        (await _logs.RunAsync("-o", "json", "--last", "0")).Output.ShouldBe("[]\n");
    }

    [Fact]
    public async Task WhatIsNoRecordIsShownAsItIs()
    {
        _logs.Append(First, Clef(1, "one"), "graffiti", "{\"@t\":", "[1]");
        (await _logs.RunAsync("--channel", "app")).Output.ShouldBe(
            "2026-11-21 10:00:01.000Z INF shop  one\n??? graffiti\n??? {\"@t\":\n??? [1]\n");
        (await _logs.RunAsync("-o", "jsonl", "--last", "1")).Output.ShouldBe("{\"channel\":\"app\",\"text\":\"[1]\"}\n");
    }

    [Theory]
    [InlineData("{\"@t\":\"2026-11-21T10:00:00Z\",\"@mt\":\"Order {OrderId} of {Who}\",\"OrderId\":7,\"Who\":\"Ada\"}",
        "Order 7 of Ada")]
    [InlineData("{\"@t\":\"2026-11-21T10:00:00Z\",\"@m\":\"two\\nlines\\t\\u001b[2J\\u202e\"}", "two\n    lines    ?[2J?")]
    public async Task AMessageIsShownAsTheApplicationRenderedItAndSteersNoTerminal(string record, string shown)
    {
        _logs.Append(First, record);
        (await _logs.RunAsync("--channel", "app")).Output.ShouldBe($"2026-11-21 10:00:00.000Z INF {shown}\n");
    }

    [Fact]
    public async Task WhatWouldSteerATerminalIsEscapedInJson()
    {
        _logs.Append(First, "{\"@m\":\"a\u202eb\u009bc\",\t\"x\":1}");
        (await _logs.RunAsync("-o", "jsonl")).Output.ShouldBe("{\"@m\":\"a\\u202eb\\u009bc\", \"x\":1}\n");
    }

    [Fact]
    public async Task ADamagedFileIsShownAsFarAsItGoesAndThatIsSaid()
    {
        _logs.Append(First, [.. Enumerable.Range(0, 20_000).Select(i => Clef(i % 60, $"{new Random(i).Next()}"))]);
        _logs.Compress(First);
        var path = Path.Combine(_logs.Path, First + ".gz");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan(bytes.Length / 2, 1000).Fill(0xFF);
        await File.WriteAllBytesAsync(path, bytes);
        var (code, output, errors) = await _logs.RunAsync("--last", "3");
        code.ShouldBe(0);
        output.Split('\n').Length.ShouldBe(4);
        errors.Trim().ShouldBe("app/2026-11-21.001.clef.gz is damaged; what stands behind is not shown.");
    }

    [Fact]
    public async Task WorkersBelowADirectoryAreLookedAtTogether()
    {
        foreach (var (worker, second) in (ReadOnlySpan<(string, int)>)[("one", 2), ("two", 1)])
        {
            Directory.CreateDirectory(Path.Combine(_logs.Path, worker, ".ledger"));
            _logs.Append($"{worker}/{First}", Clef(second, worker));
        }
        (await _logs.WordsAsync()).ShouldBe("two one");
    }

    [Fact]
    public async Task TheLastOfGigabytesAreShownAtOnce()
    {
        Directory.CreateDirectory(Path.Combine(_logs.Path, "app"));
        using (var file = File.Create(Path.Combine(_logs.Path, First))) file.SetLength(1L << 36);
        _logs.AppendText(First, "\n");
        _logs.Append(First, Clef(1, "one"), Clef(2, "two"));
        (await _logs.WordsAsync("--last", "2")).ShouldBe("one two");
    }

    [Fact]
    public async Task NoRecordAtAllIsNoFailure() => (await _logs.RunAsync()).ShouldBe((0, "", ""));

    [Theory]
    [InlineData("--channel|nope", "There is no channel 'nope' in 'LOGS'; it has app, payments.")]
    [InlineData("--channel|app,nope", "There is no channel 'nope' in 'LOGS'; it has app, payments.")]
    [InlineData("--level|loud", "--level was 'loud'; use trace, debug, info, warning, error or fatal.")]
    [InlineData("--since|soon",
        "--since was 'soon'; use a time ago such as 10m, 2h or 1d, or a time such as 2026-11-21 or 2026-11-21T10:00:00Z.")]
    [InlineData("--since|9999999d",
        "--since was '9999999d'; use a time ago such as 10m, 2h or 1d, or a time such as 2026-11-21 or 2026-11-21T10:00:00Z.")]
    [InlineData("--last|-1", "--last was -1; use a number from 0 to 100000.")]
    [InlineData("--last|100001", "--last was 100001; use a number from 0 to 100000.")]
    [InlineData("--last|many", "--last was 'many'; use a whole number.")]
    [InlineData("--output|xml", "--output was 'xml'; use text, json or jsonl.")]
    [InlineData("-o|json|--follow", "--output json is one array, which has no end with --follow; use jsonl.")]
    [InlineData("--grep|(?<=a)b", "--grep was '(?<=a)b'; use an expression without look-around, backreferences, conditions, atomic "
        + "groups and large counts: the time that a line takes must not grow faster than the line.")]
    [InlineData("--grep|(", "--grep was '(': Invalid pattern '(' at offset 1. Not enough )'s.")]
    [InlineData("--bogus", "There is no option '--bogus'; 'logworker tail --help' names them.")]
    [InlineData("--directory|LOGS/none", "There is no directory 'LOGS/none'; name the worker's with --directory or LOG_DIRECTORY.")]
    public async Task WhatIsWrongIsSaidInOneSentence(string line, string said)
    {
        Fill();
        string[] arguments = [.. line.Split('|').Select(one => one.Replace("LOGS", _logs.Path, StringComparison.Ordinal))];
        var (output, errors) = (new StringWriter(), new StringWriter());
        string[] all = arguments[0] == "--directory" ? ["tail", .. arguments] : ["tail", "--directory", _logs.Path, .. arguments];
        (await LogPipeline.Worker.Cli.LogWorkerCommand.RunAsync(all, output, errors)).ShouldBe(2);
        output.ToString().ShouldBeEmpty();
        errors.ToString().Trim().ShouldBe(said.Replace("LOGS", _logs.Path, StringComparison.Ordinal));
        Directory.Exists(Path.Combine(_logs.Path, "nope")).ShouldBeFalse("Who looks makes no directories.");
    }
}
