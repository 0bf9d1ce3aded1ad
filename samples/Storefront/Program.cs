using System.CommandLine;
using LogPipeline.Samples.Storefront;
using LogPipeline.Workflows.Configuration;

var seconds = new Option<int>("--seconds") { Description = "How long the shop is open.", DefaultValueFactory = _ => 8 };
var rate = new Option<int>("--rate") { Description = "Events it logs in a second.", DefaultValueFactory = _ => 200 };
var seed = new Option<int>("--seed") { Description = "The same seed makes the same customers, orders and failures.",
    DefaultValueFactory = _ => 1 };
var keep = new Option<bool>("--keep") { Description = "The shop stays open until Ctrl+C, and with it the server and the worker." };
Bound(seconds, 1, 3600);
Bound(rate, 1, 20_000);

const string what = "A small shop that logs through the whole pipeline: Serilog, Temporal, worker, files. "
    + "It starts what it needs and checks that every event arrived.";
var root = new RootCommand(what) { seconds, rate, seed, keep };
root.SetAction(async (parsed, cancellationToken) =>
{
    var plan = new Plan(parsed.GetValue(seconds), parsed.GetValue(rate), parsed.GetValue(seed), parsed.GetValue(keep));
    try
    {
        return await new Demonstration(plan).RunAsync(cancellationToken);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        Console.Error.WriteLine("Stopped before the end; what was started for this run is ended.");
        return 130;
    }
    catch (Exception e) when (e is CannotRunException or ConfigurationException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});

var arguments = root.Parse(args);
// After Ctrl+C or SIGTERM the sink and the children are closed in order; that takes moments, not the default's two seconds at most.
var code = await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
return arguments.Errors.Count > 0 ? 2 : code;

static void Bound(Option<int> option, int min, int max) => option.Validators.Add(result =>
{
    if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var value) && (value < min || value > max))
        result.AddError($"{option.Name} was {value}; use {min} to {max}.");
});
