namespace LogPipeline.Tests.Options;

/// <summary>
/// Variables of this process, for what asks for no others. Tests with it are in <see cref="Collection"/>, which runs alone.
/// </summary>
sealed class ProcessEnvironment : IDisposable
{
    public const string Collection = "Variables of this process";

    readonly List<(string Name, string? Before)> _changed = [];

    public void Set(string variable, string? text)
    {
        _changed.Add((variable, Environment.GetEnvironmentVariable(variable)));
        Environment.SetEnvironmentVariable(variable, text);
    }

    public void Dispose()
    {
        foreach (var (name, before) in Enumerable.Reverse(_changed)) Environment.SetEnvironmentVariable(name, before);
    }
}

[CollectionDefinition(ProcessEnvironment.Collection, DisableParallelization = true)]
public sealed class ProcessEnvironmentCollection;
