using LogPipeline.Benchmarks.Emit;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Benchmarks.Host;
using LogPipeline.Benchmarks.Redaction;
using LogPipeline.Benchmarks.Servers;
using LogPipeline.Benchmarks.Spool;
using LogPipeline.Benchmarks.Versions;
using LogPipeline.Benchmarks.Writer;

return args switch
{
    ["end-to-end", .. var rest] => await EndToEndBenchmark.RunAsync(rest),
    ["emit", .. var rest] => await EmitBenchmark.RunAsync(rest),
    ["emit-burst", var directory] => EmitBenchmark.Burst(directory),
    ["host", .. var rest] => await HostBenchmark.RunAsync(rest),
    ["redaction", .. var rest] => await RedactionBenchmark.RunAsync(rest),
    ["servers", .. var rest] => await ServersBenchmark.RunAsync(rest),
    ["spool", .. var rest] => await SpoolBenchmark.RunAsync(rest),
    ["versions", .. var rest] => await VersionsBenchmark.RunAsync(rest),
    ["writer", .. var rest] => await WriterBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project bench/LogPipeline.Benchmarks -- end-to-end [--lines N] [--rate N] [--seconds N] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- versions --before DIRECTORY [--rounds N] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- servers [--rounds N] [--before DIRECTORY] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- host [--rounds N] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- emit [--rounds N] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- redaction --before DIRECTORY [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- spool [--rounds N] [--keep]
               dotnet run -c Release --project bench/LogPipeline.Benchmarks -- writer [--rounds N] [--keep]

        end-to-end      logger, Temporal, worker and file
          --lines N     lines of the burst (60000)
          --rate N      lines a second of the steady part (500)
          --seconds N   length of the steady part (15)
        versions        end-to-end of an earlier version beside this one's
          --before DIR  where the earlier version's LogPipeline.Benchmarks.dll is, built in Release
          --rounds N    how often each is run (5)
        servers         the embedded server beside the real development server
          --rounds N    how often each is measured in each setting (5)
          --before DIR  an earlier version's embedded server as well, from its output folder
        host            what the sink costs a small console program: size, start, memory, threads
          --rounds N    how often each is started (7)
        emit            one call to log, beside Serilog's file and async sinks and NLog
          --rounds N    how often each is measured with each number of threads (9)
        redaction       the search for secrets in a text, beside an earlier version's
          --before DIR  where the earlier version's LogPublisher.dll is, built in Release
        writer          the worker's writer alone, beside a plain loop that writes and syncs the same bytes
          --rounds N    how often each is measured in each setting (7)
        spool           the sink's spool beside rsyslog's disk queue (Debian package rsyslog) and Serilog's file sink
          --rounds N    how often each is measured (7)

          --keep        write the result to bench/results as well
        """);
    return 2;
}
