using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher.Redaction;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>What stands around a secret by chance does not hide it, and takes no more time than its length.</summary>
public sealed class RedactionAmongTextTests
{
    [Theory]
    [InlineData("{ \" ( Server=db;Password=\"a;q7ZxK2mVb9\";Database=x \n")]
    [InlineData("{{  \" Server=db;Password='q7ZxK2mVb9';Database=\"x y\" '")]
    [InlineData("{ \" {\"password\":\"q7ZxK2mVb9\"}")]
    [InlineData("{ \\\" {\\\"password\\\":\\\"q7ZxK2mVb9\\\"}")]
    [InlineData("{\"a\"} {\"b\", \"c\"} Server=db;Password=\"a;q7ZxK2mVb9\";Database=x")]
    [InlineData("password  =  \"  Server=db;Password=\"a;q7ZxK2mVb9\";Database=x  password (")]
    [InlineData("\" eyJ  17  {{  Server=db;Password=\"a;q7ZxK2mVb9\";Database=x")]
    [InlineData(" \"  ;  :  Server=db;Password=\"a;q7ZxK2mVb9\";Database=x")]
    [InlineData(" {{  \"  \"  :  authorization: AWS4-HMAC-SHA256 Credential=x/20260101, Signature=q7ZxK2mVb9  \"  = ; 17 ")]
    public void ABraceAndAQuoteThatBeginNoObjectHideNothing(string text)
    {
        var list = new SequenceValue([new ScalarValue(text)]);
        var record = RedactionTests.Formatter().Format(SomeEvent.Of("{V} {W}", ("V", text), ("W", list))).Complete(1);
        Encoding.UTF8.GetString(record).ShouldNotContain("q7ZxK2mVb9");
    }

    [Fact]
    public void SecretsAmongAnythingAreFound()
    {
        var secrets = RedactionTests.Secrets().Select(row => ((string)row[0], (string)row[1])).ToArray();
        var noise = Gen.Elements(" ", "\n", " = ", ";", " \" ", " ' ", " : ", " and ", "\ud800 ", " {{ ", " 17 ", "(", " eyJ ",
            " -----BEGIN ", " password ");
        var texts =
            noise.ListOf(4).SelectMany(_ => Gen.Elements(secrets), (before, secret) => (Before: string.Concat(before), Secret: secret))
            .SelectMany(_ => noise.ListOf(4), (t, after) =>
                (Text: $"{t.Before} {t.Secret.Item1} {string.Concat(after)}", Hidden: t.Secret.Item2));
        var formatter = RedactionTests.Formatter();
        Prop.ForAll(texts.ToArbitrary(), t =>
        {
            var line = Encoding.UTF8.GetString(
                formatter.Format(SomeEvent.Of("{V} {W}", ("V", t.Text), ("W", new SequenceValue([new ScalarValue(t.Text)])))).Complete(1));
            line.ShouldNotContain(t.Hidden);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("eyJ")]
    [InlineData("eyJ.")]
    [InlineData("eyJhbGciOi.eyJ")]
    [InlineData("pwd=a ")]
    [InlineData("pwd=")]
    [InlineData("pwd='")]
    [InlineData("\"pwd\":")]
    [InlineData("\"pwd\":\"")]
    [InlineData("Cookie: ")]
    [InlineData("=")]
    [InlineData("<pwd>")]
    [InlineData("pwd>")]
    [InlineData("://")]
    [InlineData("://a:")]
    [InlineData("1 ")]
    [InlineData("4111 1111 1111 1112 ")]
    [InlineData("41111111111111111")]
    [InlineData("-----BEGIN ")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("AKIAIOSFODNN7EXAMPLE ")]
    [InlineData("ghp_ ghp_")]
    [InlineData("Bearer ")]
    [InlineData("Basic AAAA")]
    [InlineData("{\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"")]
    [InlineData("{\"a\":1,")]
    [InlineData("{\\\"a\\\":")]
    [InlineData("{\\u0022a\\u0022:")]
    [InlineData("[{\"a\":[")]
    [InlineData("{\\")]
    [InlineData("\\")]
    [InlineData("{ ")]
    [InlineData("pwd={")]
    [InlineData("pwd=[")]
    [InlineData("pwd=[\"")]
    [InlineData("pwd=)")]
    [InlineData("pwd=a,b;")]
    [InlineData("pwd=\\u002B")]
    [InlineData("Server=a;Pwd=")]
    [InlineData("?token=")]
    [InlineData("&sig=a")]
    [InlineData("</")]
    [InlineData("</pwd>")]
    [InlineData("<pwd></pwd>")]
    [InlineData("Authorization: Bearer ")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nabc")]
    public void TimeGrowsWithTheTextAndNoFaster(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        foreach (var redactor in (Redactor[])[RedactionTests.Formats, RedactionTests.All])
        {
            redactor.Replacement("v", part);
            var best = TimeSpan.MaxValue;
            // Other work on the machine slows a try, and not every one of them.
            for (var i = 0; i < 4 && best > TimeSpan.FromSeconds(5); i++)
            {
                var watch = Stopwatch.StartNew();
                redactor.Replacement("v", text);
                if (watch.Elapsed < best) best = watch.Elapsed;
            }
            // A million characters; anything that went over the text again for each of its parts would take much longer.
            best.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        }
    }
}
