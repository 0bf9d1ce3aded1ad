using System.CommandLine;
using TemporalDevServer.Cli;

var parsed = ServerCommand.AddTo(
    new RootCommand("Temporal's protocol in one process: for development, tests and one-machine use.")).Parse(args);
// The server ends by itself on SIGTERM; the default would end the process after two seconds.
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? 2 : code;
