// The processes that tests break and end: an application that logs, and the worker's writer without Temporal. The sink has its
// options from the environment.
//
//   log FILE RUN                 logs RUN-1, RUN-2, … without end; each number goes to FILE once the logger has the event
//   burst COUNT                  logs COUNT events as fast as it can and prints how long the calls took and its peak memory
//   drain                        sends what others left in the spool, then ends
//   end WAY COUNT                logs COUNT events and ends in one of the ways of Ending
//   write-script DIRECTORY ACKS  the canonical run of Script
//   write-load DIRECTORY ACKS    batches without end
//
// The records of a batch that is written go to the file ACKS, as `logworker verify --acks` reads it.
using LogPipeline.DurableFiles;
using LogPipeline.TestProgram.Application;

using LogPipeline.TestProgram.Writer;

switch (args)
{
    case ["log", var file, var run]:
        await using (var application = new LoggingApplication()) application.Log(file, run);
        return 0;
    case ["burst", var count]:
        await using (var application = new LoggingApplication()) application.Burst(int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["drain"]:
        await using (var application = new LoggingApplication()) await application.DrainAsync();
        return 0;
    case ["end", var way, var count]:
        return await Ending.RunAsync(way, int.Parse(count, CultureInfo.InvariantCulture));
    case ["write-script", var directory, var file]:
        using (var acks = new Acknowledgements(file))
            // On the pool, which may be told to be one thread: system calls are counted by thread.
            return await Task.Run(() => Script.RunAsync(() => new PhysicalDirectory(directory), acks.Write)) ? 0 : 1;
    case ["write-load", var directory, var file]:
        using (var acks = new Acknowledgements(file)) await Load.RunAsync(new PhysicalDirectory(directory), acks.Write);
        return 0;
    default:
        Console.Error.WriteLine($"The arguments '{string.Join(' ', args)}' name nothing that this program does.");
        return 2;
}
