namespace LogPipeline.Benchmarks.EndToEnd;

sealed record BenchmarkOptions(int Lines = 60_000, int Rate = 500, int Seconds = 15, bool Keep = false)
{
    /// <exception cref="ArgumentException">What was given is not among the options; the message says which.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < arguments.Count; i++)
            options = arguments[i] switch
            {
                "--lines" => options with { Lines = Number(arguments, ++i) },
                "--rate" => options with { Rate = Number(arguments, ++i) },
                "--seconds" => options with { Seconds = Number(arguments, ++i) },
                "--keep" => options with { Keep = true },
                var other =>
                    throw new ArgumentException($"'{other}' is not an option; there are --lines N, --rate N, --seconds N and --keep."),
            };
        return options;
    }

    static int Number(IReadOnlyList<string> arguments, int at) =>
        at < arguments.Count && int.TryParse(arguments[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{arguments[at - 1]} takes a whole number above 0.");
}
