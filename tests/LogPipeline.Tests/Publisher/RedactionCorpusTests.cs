using LogPipeline.Publisher;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Tests.Publisher;

/// <summary>How much of a corpus of secrets is found, and whether anything else is.</summary>
public sealed class RedactionCorpusTests
{
    const double RecallMin = 0.99;

    static readonly Redactor Formats = new(RedactionScope.Formats, [], null, null);
    static readonly Redactor All = new(RedactionScope.All, [], null, null);

    static string After(RedactionCorpus.Line line)
    {
        var redactor = line.Scope == RedactionScope.All ? All : Formats;
        return redactor.Replacement("@m", line.Text) ?? line.Text;
    }

    [Fact]
    public void TheCorpusHasFourHundredLines()
    {
        RedactionCorpus.Secrets().Select(line => line.Text).Distinct().Count().ShouldBe(200);
        RedactionCorpus.Secrets().Select(line => line.Kind).Distinct().Count().ShouldBe(40);
        RedactionCorpus.Harmless().Select(line => line.Text).Distinct().Count().ShouldBe(200);
    }

    /// <summary>Where something is hidden it is the secret, to the character.</summary>
    [Fact]
    public void SecretsAreFoundAndNothingBesideThem()
    {
        var lines = RedactionCorpus.Secrets().ToList();
        var wrong = lines.Where(line => After(line) is var after && after != line.Text && after != line.Expected)
            .Select(line => $"{line.Kind}: {line.Text} -> {After(line)}");
        wrong.ShouldBeEmpty();
        var missed = lines.Where(line => After(line) == line.Text).Select(line => $"{line.Kind}: {line.Text}").ToList();
        (1 - (double)missed.Count / lines.Count).ShouldBeGreaterThanOrEqualTo(RecallMin, string.Join("\n", missed));
    }

    [Theory]
    [InlineData(RedactionScope.Formats)]
    [InlineData(RedactionScope.All)]
    public void WhatOnlyLooksLikeASecretStays(RedactionScope scope) =>
        // A card's number passes for one in the loose mode, as it must.
        RedactionCorpus.Harmless().Where(line => scope == RedactionScope.Formats || !line.Text.Contains("4111111111111111"))
            .Select(line => line with { Scope = scope }).Where(line => After(line) != line.Text)
            .Select(line => $"{line.Text} -> {After(line)}").ShouldBeEmpty();
}
