namespace LogPipeline.Samples.Storefront;

/// <summary>What the command line asked for.</summary>
sealed record Plan(int Seconds, int Rate, int Seed, bool Keep)
{
    public int Events => Seconds * Rate;
}

/// <summary>What keeps the demonstration from running, in a sentence that says what would do.</summary>
sealed class CannotRunException(string message) : Exception(message);
