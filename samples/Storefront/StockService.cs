namespace LogPipeline.Samples.Storefront;

/// <summary>The service behind the shop that is slow now and then, and once does not answer at all.</summary>
static class StockService
{
    /// <returns>Milliseconds that it took; nobody really waits.</returns>
    public static int Reserve(bool isBroken, string product, Random chance)
    {
        if (isBroken) Ask(product);
        return chance.NextDouble() < 0.1 ? chance.Next(1200, 4800) : chance.Next(8, 60);
    }

    static void Ask(string product) => Answer(product);

    static void Answer(string product) =>
        throw new TimeoutException($"The stock service did not answer within 5 s when asked for '{product}'.");
}
