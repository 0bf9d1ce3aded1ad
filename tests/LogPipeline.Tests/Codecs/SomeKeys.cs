using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Tests.Codecs;

static class SomeKeys
{
    public static readonly string Old = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    public static readonly string New = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    public static KeyRing Ring(string text, string? encryptingId = null) => KeyRing.Parse(text, encryptingId);
}
