using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>The search of the suite's output for secrets finds what it is to find.</summary>
public sealed class PlantedSecretTests : IDisposable
{
    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task AProgramThatPrintsTheSecretFailsItsTest()
    {
        Skip.If(OperatingSystem.IsWindows(), "It is a script of the shell.");
        await using (var silent = await ChildProcess.RunAsync("sh", ["-c", "echo nothing"])) silent.ExitCode.ShouldBe(0);
        foreach (var stream in (string[])["1", "2"])
        {
            var child = ChildProcess.Start("sh", ["-c", $"echo token ${PlantedSecret.Variable} >&{stream}"]);
            await child.EndAsync();
            (await Should.ThrowAsync<InvalidOperationException>(async () => await child.DisposeAsync())).Message
                .ShouldContain("has printed the planted secret");
        }
    }

    [SkippableTheory]
    [InlineData("plain", 1)]
    [InlineData("base64", 1)]
    [InlineData("base64 in more", 1)]
    [InlineData("none", 0)]
    public async Task OutputWithTheSecretFailsTheBuild(string form, int exitCode)
    {
        Skip.If(OperatingSystem.IsWindows(), "It is a script of the shell.");
        var text = form switch
        {
            "plain" => $"<Message>LOG_X was '{PlantedSecret.Value}'</Message>",
            "base64" => Convert.ToBase64String(Encoding.UTF8.GetBytes(PlantedSecret.Value)),
            "base64 in more" => Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{PlantedSecret.Value}!")),
            _ => "LOG_X was '(secret)'",
        };
        await File.WriteAllTextAsync(_folder.File("some.trx"), $"first\n{text}\nlast");
        await using var found = await ChildProcess.RunAsync(Path.Combine(Repository.Root, ".ci", "secrets"), [_folder.Path]);
        found.ExitCode.ShouldBe(exitCode, found.Everything);
        if (exitCode == 1) found.Output.ShouldContain("some.trx:2");
    }

    [Fact]
    public void TheBuildServerSearchesWhatItKeeps() => File.ReadAllText(Path.Combine(Repository.Root, ".ci", "run"))
        .ShouldContain(".ci/secrets \"$results\" || problem");
}
