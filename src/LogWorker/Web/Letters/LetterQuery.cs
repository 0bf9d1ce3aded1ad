using LogPipeline.Worker.DeadLetters;
using Microsoft.AspNetCore.Http;

namespace LogPipeline.Worker.Web.Letters;

/// <summary>Which letters are asked for.</summary>
sealed record LetterQuery
{
    public const int LimitDefault = 50;
    public const int LimitMax = 500;
    const int SearchLengthMax = 200;

    public string? Search { get; init; }
    public LetterPosition? After { get; init; }
    public int Limit { get; init; } = LimitDefault;

    /// <returns>The query, or what is wrong with it.</returns>
    public static (LetterQuery? Query, string? Problem) Read(IQueryCollection given)
    {
        var query = new LetterQuery();
        foreach (var (name, values) in given)
        {
            var value = ((string?)values ?? "").Trim();
            if (value.Length == 0) continue;
            switch (name)
            {
                case "search" when value.Length <= SearchLengthMax: query = query with { Search = value }; break;
                case "search": return (null, $"'search' has {value.Length} characters; use {SearchLengthMax} at most.");
                case "after" when LetterPosition.TryParse(value, out var after): query = query with { After = after }; break;
                case "after": return (null, "'after' is not known; use 'next' of an answer as it is.");
                case "limit" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                    && limit is > 0 and <= LimitMax:
                    query = query with { Limit = limit };
                    break;
                case "limit": return (null, $"'limit' was '{QueryText.Shown(value)}'; use 1 to {LimitMax}.");
                default: return (null, $"'{QueryText.Shown(name)}' is not known; use search, after or limit.");
            }
        }
        return (query, null);
    }
}
