using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.DurableFiles;

public sealed class Crc32CTests
{
    // The check value of the algorithm's catalogue entry, and the vectors of RFC 3720, appendix B.4.
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("a", 0xC1D04330u)]
    public void KnownTextsHaveTheirKnownChecksums(string text, uint expected) =>
        Crc32C.Compute(Encoding.ASCII.GetBytes(text)).ShouldBe(expected);

    [Fact]
    public void TheVectorsOfTheRfcHold()
    {
        Crc32C.Compute(new byte[32]).ShouldBe(0x8A9136AAu);
        Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()).ShouldBe(0x62A8AB43u);
        Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]).ShouldBe(0x46DD794Eu);
        Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]).ShouldBe(0x113FDB5Cu);
    }

    [Fact]
    public void AChecksumContinuesOverAnySplit()
    {
        var bytes = new byte[100];
        new Random(1).NextBytes(bytes);
        for (var split = 0; split <= bytes.Length; split++)
            Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, split)), bytes.AsSpan(split)).ShouldBe(Crc32C.Compute(bytes));
    }
}
