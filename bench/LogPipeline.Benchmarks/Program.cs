using LogPipeline.Benchmarks.EndToEnd;

return args switch
{
    ["end-to-end", .. var rest] => await EndToEndBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project bench/LogPipeline.Benchmarks -- end-to-end [--lines N] [--rate N] [--seconds N] [--keep]

          --lines N     lines of the burst (60000)
          --rate N      lines a second of the steady part (500)
          --seconds N   length of the steady part (15)
          --keep        write the result to bench/results as well
        """);
    return 2;
}
