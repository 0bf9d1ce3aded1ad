namespace LogPipeline.Worker.Web;

/// <summary>What a caller gave, as a sentence quotes it.</summary>
static class QueryText
{
    const int LengthMax = 20;

    public static string Shown(string text) => text.Length <= LengthMax ? text : text[..LengthMax] + "…";
}
