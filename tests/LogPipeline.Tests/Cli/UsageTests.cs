using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli;

namespace LogPipeline.Tests.Cli;

/// <summary>A wrong command line is answered with one sentence in the user's terms, and 2. In the rows FILE and DIR are there.</summary>
public sealed class UsageTests : IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("--bogus", "There is no option '--bogus'; 'logworker --help' names them.")]
    [InlineData("--once|--bogus", "There is no option '--bogus'; 'logworker --help' names them.")]
    [InlineData("send|--bogus|FILE", "There is no option '--bogus'; 'logworker send --help' names them.")]
    [InlineData("send|FILE|--bogus=3", "There is no option '--bogus'; 'logworker send --help' names them.")]
    [InlineData("send|-x", "There is no option '-x'; 'logworker send --help' names them.")]
    [InlineData("verify|--bogus", "There is no option '--bogus'; 'logworker verify --help' names them.")]
    [InlineData("verify|--directory|DIR|--bogus", "There is no option '--bogus'; 'logworker verify --help' names them.")]
    [InlineData("spool|list|--bogus", "There is no option '--bogus'; 'logworker spool list --help' names them.")]
    [InlineData("spool|purge|--bogus", "There is no option '--bogus'; 'logworker spool purge --help' names them.")]
    [InlineData("dead-letters|show|--bogus", "There is no option '--bogus'; 'logworker dead-letters show --help' names them.")]
    [InlineData("dead-letters|retry|--bogus", "There is no option '--bogus'; 'logworker dead-letters retry --help' names them.")]
    [InlineData("dead-letters|keep|--bogus", "There is no option '--bogus'; 'logworker dead-letters keep --help' names them.")]
    [InlineData("config|show|--bogus", "There is no option '--bogus'; 'logworker config show --help' names them.")]
    [InlineData("test-temporal|--bogus", "There is no option '--bogus'; 'logworker test-temporal --help' names them.")]
    [InlineData("server|--bogus", "There is no option '--bogus'; 'logworker server --help' names them.")]
    [InlineData("send|--channel|--json|FILE", "--channel needs a value, and '--json' reads as an option; --channel=--json if it is meant.")]
    [InlineData("send|--|--bogus", "There is no file '--bogus'; name existing files, or '-' for standard input.")]
    [InlineData("send|--channel||FILE", "--channel was empty; give it a value, or leave it out.")]
    [InlineData("send|--source| |FILE", "--source was empty; give it a value, or leave it out.")]
    [InlineData("send|--multiline||FILE", "--multiline was empty; give it a value, or leave it out.")]
    [InlineData("spool|list|--spool-directory|", "--spool-directory was empty; give it a value, or leave it out.")]
    [InlineData("send|--timestamp|soon|FILE", "--timestamp was 'soon'; use now, auto, iso8601, rfc3164 or epoch.")]
    [InlineData("send|--level|7|FILE", "--level was '7'; use verbose, debug, information, warning, error or fatal.")]
    [InlineData("send|--skip|1.5|FILE", "--skip was '1.5'; use a whole number.")]
    [InlineData("send|--skip|-1|FILE", "--skip was -1; use the number of lines that were sent.")]
    [InlineData("server|--port|99999999999", "--port was '99999999999'; use a whole number.")]
    [InlineData("verify|--output|xml", "--output was 'xml'; use table or json.")]
    [InlineData("spool|list|--output|xml", "--output was 'xml'; use table or json.")]
    [InlineData("send|--multiline|(?<=a)b|FILE", "--multiline was '(?<=a)b'; use an expression without look-around, *")]
    [InlineData("send|--multiline|(a)\\1|FILE", "--multiline was '(a)\\1'; use an expression without look-around, *")]
    [InlineData("send|--multiline|(?>a)|FILE", "--multiline was '(?>a)'; use an expression without look-around, *")]
    [InlineData("send|--multiline|a{1,100000}|FILE", "--multiline was 'a{1,100000}'; use an expression without look-around, *")]
    [InlineData("send|DIR", "'DIR' is a directory; name the files in it.")]
    [InlineData("send|--follow|DIR", "'DIR' is a directory; name the file in it.")]
    [InlineData("send|--follow|-", "--follow needs the FILE to follow; *")]
    [InlineData("send|--follow|FILE|FILE", "--follow takes one FILE, and 2 were given; *")]
    [InlineData("send|--json|--multiline|^a|FILE", "--json and --multiline exclude each other: each JSON object is one line.")]
    [InlineData("--once|--daemon", "--once and --daemon exclude each other: leave out one.")]
    [InlineData("spool", "'logworker spool' needs one of list, move, purge.")]
    [InlineData("spool|move", "'logworker spool move' needs FOLDER; 'logworker spool move --help' says what that is.")]
    [InlineData("spool|list|in", "'logworker spool list' does not take 'in'; 'logworker spool list --help' says what it takes.")]
    [InlineData("dead-letters|show", "'logworker dead-letters show' needs NAME; 'logworker dead-letters show --help' says what that is.")]
    public async Task AWrongCommandLineIsAnsweredInOneSentence(string line, string said)
    {
        await File.WriteAllTextAsync(_directory.File("file"), "one\n");
        using var errors = new StringWriter();
        using var output = new StringWriter();
        string[] arguments = [.. line.Split('|').Select(Filled)];
        (await LogWorkerCommand.RunAsync(arguments, output, errors)).ShouldBe(2);
        output.ToString().ShouldBeEmpty();
        errors.ToString().Trim().ShouldNotContain('\n');
        errors.ToString().ShouldNotContain("System.");
        if (said.EndsWith('*')) errors.ToString().ShouldStartWith(said[..^1]);
        else errors.ToString().Trim().ShouldBe(Filled(said));
    }

    [Theory]
    [InlineData("send|--bogus|--help")]
    [InlineData("send|--help|--timestamp|soon")]
    public async Task HelpIsGivenAllTheSame(string line)
    {
        using var output = new StringWriter();
        await LogWorkerCommand.RunAsync(line.Split('|'), output, TextWriter.Null);
        output.ToString().ShouldContain("--timestamp <now|auto|iso8601|rfc3164|epoch>");
        output.ToString().ShouldContain("--level <verbose|debug|information|warning|error|fatal>");
    }

    string Filled(string text) => text.Replace("FILE", _directory.File("file"), StringComparison.Ordinal)
        .Replace("DIR", _directory.Path, StringComparison.Ordinal);
}
